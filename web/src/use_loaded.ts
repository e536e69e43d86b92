import { useEffect, useState } from 'preact/hooks';

export interface Loaded<T> { value: T | undefined; failure: unknown; again: () => void }

/** What `load` brings, anew whenever `key` changes; an answer that comes too late is dropped. */
export function useLoaded<T>(key: string, load: (stop: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; failure?: unknown }>({ key });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal).then(
      value => { if (!stop.signal.aborted) setState({ key, value }); },
      (failure: unknown) => { if (!stop.signal.aborted) setState({ key, failure }); },
    );
    return () => stop.abort();
  }, [key, turn]);
  const fresh = state.key === key;
  return { value: fresh ? state.value : undefined, failure: fresh ? state.failure : undefined, again: () => { setState({ key }); setTurn(turn + 1); } };
}

/** Every page of a list, up to `most` rows. */
export async function everyPage<T>(page: (after: string | undefined) => Promise<{ rows: T[]; next: string | undefined }>, most: number): Promise<{ rows: T[]; more: boolean }> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const got = await page(after);
    rows.push(...got.rows);
    after = got.next;
  } while (after && rows.length < most);
  return { rows, more: after !== undefined };
}
