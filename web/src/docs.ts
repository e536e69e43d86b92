// The API viewer: Swagger UI over the very description that this server has. Fetched only by /docs.

import { effect } from '@preact/signals';
import { applyTheme, isDark } from './theme';

applyTheme();
// The viewer has a dark theme of its own, by this class.
effect(() => {
  document.documentElement.classList.toggle('dark-mode', isDark.value);
});

const { default: SwaggerUIBundle } = await import('swagger-ui-dist/swagger-ui-es-bundle.js');
await import('swagger-ui-dist/swagger-ui.css');
await import('./styles/docs_viewer.css');

const page = document.getElementById('api')!;

// What the viewer leaves without a name for those who do not see it.
const NAMES: [selector: string, name: string][] = [
  ['#servers', 'Server'],
  ['.operation-filter-input', 'Filter by tag or path'],
  ['.examples-select-element', 'Example'],
  ['.close-modal', 'Close'],
];
new MutationObserver(() => {
  for (const [selector, name] of NAMES) {
    for (const one of page.querySelectorAll(`${selector}:not([aria-label])`)) one.setAttribute('aria-label', name);
  }
  // Says "Authorize", and would be called otherwise by those who speak to the page.
  for (const one of page.querySelectorAll('.auth-btn-wrapper .authorize[aria-label]')) one.removeAttribute('aria-label');
}).observe(page, { subtree: true, childList: true, attributeFilter: ['aria-label'] });

SwaggerUIBundle({
  url: '/openapi.yaml',
  domNode: page,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: false,
  validatorUrl: null,
  // The server refuses a language that it does not have, and the reader's may be any. What is tried out is tried on this
  // server, whatever address the description names.
  requestInterceptor: (request: { url: string; headers: Record<string, string> }) => {
    const { pathname, search } = new URL(request.url, location.href);
    request.url = location.origin + pathname + search;
    request.headers['Accept-Language'] = 'en-US';
    return request;
  },
});
