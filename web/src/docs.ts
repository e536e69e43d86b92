// The API viewer: Swagger UI over the very description that this server has. Fetched only by /docs.

const { default: SwaggerUIBundle } = await import('swagger-ui-dist/swagger-ui-es-bundle.js');
await import('swagger-ui-dist/swagger-ui.css');
await import('./styles/docs_viewer.css');

const page = document.getElementById('api')!;

// What the viewer leaves without a name for those who do not see it.
new MutationObserver(() => {
  page.querySelector('#servers:not([aria-label])')?.setAttribute('aria-label', 'Server');
  page.querySelector('.operation-filter-input:not([aria-label])')?.setAttribute('aria-label', 'Filter by tag or path');
}).observe(page, { subtree: true, childList: true });

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
export {};
