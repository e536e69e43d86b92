// The console's addresses: history, links that need no reload, and where the focus goes.

import { signal } from '@preact/signals';

export const here = signal(new URL(location.href));
/** How many pages were gone to since the start; 0 while the first one is shown. */
export const steps = signal(0);

export function go(to: string, replace = false): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  const next = new URL(location.href);
  const other = next.pathname !== here.value.pathname;
  here.value = next;
  if (other) {
    steps.value += 1;
    scrollTo(0, 0);
  }
}

const ours = (url: URL): boolean =>
  url.origin === location.origin && (/^\/console(\/|$)/.test(url.pathname) || /^\/docs\/rules(\/|$)/.test(url.pathname));

export function startRouter(): void {
  addEventListener('popstate', () => {
    here.value = new URL(location.href);
    steps.value += 1;
  });
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element).closest?.('a[href]');
    if (!(anchor instanceof HTMLAnchorElement) || anchor.target || anchor.hasAttribute('download')) return;
    const url = new URL(anchor.href);
    if (!ours(url) || (url.hash && url.pathname === location.pathname)) return;
    event.preventDefault();
    go(url.pathname + url.search + url.hash);
  });
}

/** The parts of the address below /console, decoded. */
export function parts(): string[] {
  return here.value.pathname.replace(/^\/console\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
}
