// Which rows of a long list are drawn: those that are seen, and some beyond. All rows are as high as each other.

import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

const AHEAD = 12; // rows drawn above and below what is seen

const remInPixels = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);
export const isPhone = (): boolean => matchMedia('(max-width: 46rem)').matches;

/** So many rem in pixels, as they follow the reader's text size and the window. */
export function usePixels(rem: () => number): number {
  const measure = (): number => remInPixels() * rem();
  const [height, setHeight] = useState(measure);
  useEffect(() => {
    const changed = (): void => setHeight(measure());
    addEventListener('resize', changed);
    return () => removeEventListener('resize', changed);
  }, []);
  return height;
}

/** From which row to which (not included) to draw, as `holder` is scrolled. `key` changes where the list is another. */
export function useWindow(holder: RefObject<HTMLElement>, rowHeight: number, count: number, key: unknown): { from: number; to: number } {
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = holder.current;
    if (!element) return;
    let frame = 0;
    const look = (): void => {
      frame = 0;
      setView({ top: element.scrollTop, height: element.clientHeight });
    };
    const scrolled = (): void => { frame ||= requestAnimationFrame(look); };
    element.addEventListener('scroll', scrolled, { passive: true });
    const observer = new ResizeObserver(scrolled);
    observer.observe(element);
    look();
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', scrolled);
      observer.disconnect();
    };
  }, [key]);
  return {
    from: Math.max(0, Math.min(count, Math.floor(view.top / rowHeight)) - AHEAD),
    to: Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + AHEAD),
  };
}
