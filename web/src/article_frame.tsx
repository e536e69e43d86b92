// An article's body. It is shown in a frame of its own that runs no script, by its sandbox and by its own policy; and what
// is active in it is taken out before it gets there. The page reaches into the frame to follow links and bring pictures.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import DOMPurify from 'dompurify';
import { resource } from './api';
import { go } from './router';
import { isDark } from './theme';
import type { Article } from './types';

/** The body without anything active, as a tree of the frame's own document, where its styles are allowed. */
function cleaned(frame: Window, html: string): HTMLElement {
  const purify = DOMPurify(frame as unknown as typeof globalThis & Window);
  return purify.sanitize(html, {
    WHOLE_DOCUMENT: true,
    RETURN_DOM: true,
    ADD_ATTR: ['target'],
    FORBID_TAGS: ['form', 'input', 'button', 'select', 'textarea', 'option', 'dialog'],
    FORBID_ATTR: ['action', 'formaction', 'autofocus', 'background', 'ping'],
  }) as HTMLElement;
}

const hasOwnColours = (html: string): boolean => /<style|\bstyle\s*=|\bbgcolor\s*=|<font\b/i.test(html);

/** The resource that a reference in the body means: the body's own place in the package is not known here. */
function resourceOf(article: Article, reference: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(reference.split(/[?#]/)[0]!).replace(/^(\.{0,2}\/)+/, '');
  } catch {
    return undefined;
  }
  return article.inlineResources?.find(one => one.path === path || one.path.endsWith(`/${path}`))?.path;
}

async function bringPictures(article: Article, root: HTMLElement, stop: AbortSignal): Promise<string[]> {
  const made: string[] = [];
  const pictures = [...root.querySelectorAll<HTMLImageElement>('img[src]')];
  await Promise.all(pictures.map(async picture => {
    const reference = picture.getAttribute('src') ?? '';
    if (/^data:/i.test(reference)) return;
    picture.removeAttribute('src');
    picture.removeAttribute('srcset');
    const path = resourceOf(article, reference);
    try {
      if (!path) throw new Error('not of this article');
      const url = URL.createObjectURL(await resource(article.id, path, stop));
      made.push(url);
      picture.src = url;
    } catch {
      picture.replaceWith(Object.assign(picture.ownerDocument.createElement('span'), { className: 'no-picture', textContent: `[Picture: ${picture.alt || reference}]` }));
    }
  }));
  return made;
}

function fill(frame: HTMLIFrameElement, article: Article, html: string): HTMLElement | null {
  const inner = frame.contentDocument;
  if (!inner || !frame.contentWindow) return null;
  const root = cleaned(frame.contentWindow, html);
  inner.head.querySelectorAll('style').forEach(style => style.remove());
  root.querySelectorAll('head style').forEach(style => inner.head.append(inner.importNode(style, true)));
  inner.body.replaceChildren(...[...(root.querySelector('body') ?? root).childNodes].map(node => inner.importNode(node, true)));
  inner.documentElement.lang = article.languageCode;
  return inner.body;
}

function follow(event: Event, article: Article): void {
  const anchor = (event.target as Element).closest?.('a[href], area[href]');
  const reference = anchor?.getAttribute('href');
  if (!anchor || reference === null || reference === undefined) return;
  if (reference.startsWith('#')) return;
  event.preventDefault();
  const id = article.links?.find(link => link.url === reference)?.articleId;
  if (id) go(`/console/articles/${id}`);
  else if (/^https?:/i.test(reference)) window.open(reference, '_blank', 'noopener,noreferrer');
}

export function ArticleFrame({ article, html }: { article: Article; html: string }): JSX.Element {
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(0);
  const [height, setHeight] = useState(320);
  const dark = isDark.value && !hasOwnColours(html);

  useEffect(() => {
    const element = frame.current;
    if (!element || ready === 0) return;
    const stop = new AbortController();
    const body = fill(element, article, html);
    const inner = element.contentDocument;
    if (!body || !inner) return;
    let urls: string[] = [];
    void bringPictures(article, body, stop.signal).then(made => (urls = made));
    const clicked = (event: Event): void => follow(event, article);
    inner.addEventListener('click', clicked);
    const observer = new ResizeObserver(() => setHeight(Math.ceil(inner.documentElement.getBoundingClientRect().height) + 2));
    observer.observe(inner.documentElement);
    return () => {
      stop.abort();
      observer.disconnect();
      inner.removeEventListener('click', clicked);
      urls.forEach(url => URL.revokeObjectURL(url));
    };
  }, [ready, article, html]);
  useEffect(() => {
    const root = frame.current?.contentDocument?.documentElement;
    if (root) root.dataset.theme = dark ? 'dark' : 'light';
  }, [dark, ready]);

  return (
    <iframe ref={frame} class={`article-frame${dark ? '' : ' paper'}`} title={`Article: ${article.name}`} sandbox="allow-same-origin"
      src="/console/article-frame" style={{ height: `${height}px` }} onLoad={() => setReady(ready + 1)} />
  );
}
