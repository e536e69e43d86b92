import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { search } from '../api';
import { go, here } from '../router';
import { announce, Empty, Failure, Heading, Waiting } from '../ui';
import type { SearchHit } from '../types';

const SETTLE = 180; // milliseconds without a key before the server is asked

/** The snippet's <mark>s as elements; everything else of it stays text. */
function Snippet({ html }: { html: string }): JSX.Element {
  const decode = (text: string): string => text.replace(/&(lt|gt|quot|amp|#39|#x27|apos);/g, (_all, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name] ?? "'");
  return <p class="snippet">{html.split(/(<mark>.*?<\/mark>)/s).map((part, index) => {
    const hit = /^<mark>(.*)<\/mark>$/s.exec(part);
    return hit ? <mark key={index}>{decode(hit[1]!)}</mark> : decode(part);
  })}</p>;
}

const Hit = ({ hit }: { hit: SearchHit }): JSX.Element => (
  <li>
    <h2><a href={`/console/articles/${hit.id}`}>{hit.name}</a></h2>
    <p class="quiet-text path">{hit.path} <span class="tag">{hit.languageCode}</span></p>
    <Snippet html={hit.snippetHtml} />
  </li>
);

export function SearchPage(): JSX.Element {
  const [typed, setTyped] = useState(here.value.searchParams.get('q') ?? '');
  const [asked, setAsked] = useState(typed);
  const [found, setFound] = useState<{ q: string; hits: SearchHit[]; next: number | undefined }>();
  const [failure, setFailure] = useState<unknown>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => { if (!typed) input.current?.focus(); }, []);
  useEffect(() => {
    const timer = setTimeout(() => {
      setAsked(typed.trim());
      go(`/console/search${typed.trim() ? `?q=${encodeURIComponent(typed.trim())}` : ''}`, true);
    }, SETTLE);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    setFailure(undefined);
    if (!asked) {
      setFound(undefined);
      return;
    }
    const stop = new AbortController();
    search(asked, 0, stop.signal).then(page => {
      setFound({ q: asked, hits: page.hits, next: page.nextOffset });
      announce(page.hits.length === 0 ? 'Nothing found' : `${page.hits.length}${page.nextOffset ? ' or more' : ''} hits`);
    }, (error: unknown) => { if (!stop.signal.aborted) setFailure(error); });
    return () => stop.abort();
  }, [asked]);
  const more = async (): Promise<void> => {
    if (!found?.next) return;
    try {
      const page = await search(found.q, found.next);
      setFound({ ...found, hits: [...found.hits, ...page.hits], next: page.nextOffset });
      announce(`${page.hits.length} more hits`);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <Heading title="Search" tab={asked ? `${asked} · Search` : 'Search'} />
      <form role="search" class="search-form" onSubmit={event => { event.preventDefault(); setAsked(typed.trim()); }}>
        <label class="visually-hidden" for="q">Words to find</label>
        <input id="q" ref={input} type="search" class="search-input" value={typed} placeholder="Words, or a “phrase” in quotes" onInput={event => setTyped(event.currentTarget.value)} />
      </form>
      {failure ? <Failure error={failure} what="The search did not work." /> : null}
      {found && found.hits.length > 0 ? <ol class="hits">{found.hits.map(hit => <Hit key={hit.id} hit={hit} />)}</ol> : null}
      {found && found.hits.length === 0 ? <Empty title={`Nothing is found for “${found.q}”.`}><p>Try fewer words, or the beginning of one.</p></Empty> : null}
      {asked && !found && !failure ? <Waiting what="Searching …" /> : null}
      {!asked ? <p class="quiet-text">Articles are found by their name, text, summary and keywords.</p> : null}
      {found?.next ? <div class="actions"><button type="button" class="button" onClick={() => void more()}>More hits</button></div> : null}
    </>
  );
}
