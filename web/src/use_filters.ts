// What a list is filtered by stands in the address, so that a link or a reload shows the same.

import { useEffect, useState } from 'preact/hooks';
import { go, here } from './router';

export const filterOf = (name: string): string => here.value.searchParams.get(name) ?? '';

export function setFilter(name: string, value: string): void {
  const to = new URL(here.value);
  if (value) to.searchParams.set(name, value);
  else to.searchParams.delete(name);
  go(to.pathname + to.search, true);
}

/** A filter that is typed: `settled`, without white space around it, follows `text` when nothing came for so many milliseconds. */
export function useTypedFilter(name: string, wait: number): { text: string; setText: (text: string) => void; settled: string } {
  const [text, setText] = useState(filterOf(name));
  const [settled, setSettled] = useState(text.trim());
  useEffect(() => {
    if (text.trim() === settled) return;
    const timer = setTimeout(() => { setSettled(text.trim()); setFilter(name, text.trim()); }, wait);
    return () => clearTimeout(timer);
  }, [text]);
  return { text, setText, settled };
}
