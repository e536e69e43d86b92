import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { items as fetchItems, preview as fetchPreview } from '../api';
import { number } from '../format';
import { OUTCOMES } from '../job_words';
import { announce, Empty, Failure, Icon, Waiting } from '../ui';
import { filterOf, setFilter, useTypedFilter } from '../use_filters';
import type { Item, ItemKind, JobType, Outcome, Preview } from '../types';

const PAGE = 200;
const AGAIN = 2_000; // milliseconds between looks while the job runs
const KINDS: [ItemKind, string][] = [['folder', 'Folders'], ['article', 'Articles'], ['topic', 'Topics'], ['portal', 'Portals']];
const SHOWN: Outcome[] = ['created', 'updated', 'unchanged', 'refused', 'removed'];

export const OutcomeBadge = ({ outcome, would }: { outcome: Outcome; would: boolean }): JSX.Element => {
  const [tone, icon, did, wouldBe] = OUTCOMES[outcome];
  return <span class={`badge ${tone}`}><Icon name={icon} />{would ? wouldBe : did}</span>;
};

/** Counts by kind and outcome. */
function Counts({ found, would }: { found: Preview; would: boolean }): JSX.Element {
  const outcomes = SHOWN.filter(outcome => outcome !== 'removed' || found.counts.removed !== undefined);
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Counts">
      <table class="table counts-table">
        <caption class="visually-hidden">{would ? 'What an import would do' : 'What the job did'}, by kind</caption>
        <thead><tr><th scope="col">Kind</th>{outcomes.map(outcome => <th key={outcome} scope="col">{OUTCOMES[outcome][would ? 3 : 2]}</th>)}</tr></thead>
        <tbody>
          {KINDS.map(([kind, name]) => (
            <tr key={kind}><th scope="row">{name}</th>{outcomes.map(outcome => <td key={outcome}>{number(found.kinds[kind][outcome] ?? 0)}</td>)}</tr>
          ))}
          <tr class="sum"><th scope="row">All</th>{outcomes.map(outcome => <td key={outcome}>{number(found.counts[outcome] ?? 0)}</td>)}</tr>
        </tbody>
      </table>
    </div>
  );
}

const ICONS: Record<ItemKind, string> = { folder: 'folder', article: 'file', topic: 'topic', portal: 'portal' };

function Rows({ rows, job, would }: { rows: Item[]; job: string; would: boolean }): JSX.Element {
  return (
    <ul class="list long">
      {rows.map(row => (
        <li key={row.number}>
          <Icon name={ICONS[row.kind]} />
          <div class="list-body">
            {row.kind === 'article' ? <a class="path" href={`/console/jobs/${job}/items/${row.number}`}>{row.path}</a> : <span class="path">{row.path}</span>}
            <span class="quiet-text">{row.kind}{row.language ? `, ${row.language}` : ''}</span>
          </div>
          <span class="list-side"><OutcomeBadge outcome={row.outcome} would={would} /></span>
        </li>
      ))}
    </ul>
  );
}

interface Found { rows: Item[]; next: number | undefined }

const same = (found: Found, rows: Item[]): boolean =>
  found.rows.length === rows.length && rows.every((row, index) => found.rows[index]!.number === row.number && found.rows[index]!.outcome === row.outcome);

export function Items({ job, type, active, tick }: { job: string; type: JobType; active: boolean; tick: unknown }): JSX.Element {
  const outcome = filterOf('outcome');
  const kind = filterOf('kind');
  const { text, setText, settled } = useTypedFilter('text', 150);
  const [counts, setCounts] = useState<Preview>();
  const [found, setFound] = useState<Found>();
  const [failure, setFailure] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const would = type === 'Validation';
  const query = { outcome, kind, q: settled, limit: PAGE };

  const last = useRef(0);
  useEffect(() => {
    if (active && Date.now() - last.current < AGAIN) return;
    last.current = Date.now();
    setTurn(before => before + 1);
  }, [tick, active]);
  useEffect(() => {
    const stop = new AbortController();
    Promise.all([fetchPreview(job, stop.signal), fetchItems(job, query, stop.signal)]).then(([all, page]) => {
      setCounts(all);
      setFailure(undefined);
      // While the job runs, what was fetched further down stays.
      setFound(before => {
        if (before && active && before.rows.length > PAGE) return before;
        return before && before.next === page.next && same(before, page.items) ? before : { rows: page.items, next: page.next };
      });
    }, (error: unknown) => { if (!stop.signal.aborted) setFailure(error); });
    return () => stop.abort();
  }, [job, outcome, kind, settled, turn]);
  const more = async (): Promise<void> => {
    if (!found?.next) return;
    try {
      const page = await fetchItems(job, { ...query, after: found.next });
      setFound({ rows: [...found.rows, ...page.items], next: page.next });
      announce(`${page.items.length} more items`);
    } catch (error) {
      setFailure(error);
    }
  };
  // The same element for the same rows: the page's ticks need not go through them.
  const rows = useMemo(() => <Rows rows={found?.rows ?? []} job={job} would={would} />, [found, job, would]);
  return (
    <section aria-labelledby="items-heading">
      <h2 id="items-heading" class="visually-hidden">Items</h2>
      {counts ? <Counts found={counts} would={would} /> : null}
      <div class="filters">
        <label>Outcome
          <select value={outcome} onChange={event => setFilter('outcome', event.currentTarget.value)}>
            <option value="">All</option>
            {SHOWN.filter(one => one !== 'removed' || type === 'Undo').map(one => <option key={one} value={one}>{OUTCOMES[one][would ? 3 : 2]}</option>)}
          </select>
        </label>
        <label>Kind
          <select value={kind} onChange={event => setFilter('kind', event.currentTarget.value)}>
            <option value="">All</option>
            {KINDS.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
          </select>
        </label>
        <label class="grow">Path
          <input type="search" value={text} placeholder="part of a path" onInput={event => setText(event.currentTarget.value)} />
        </label>
      </div>
      {failure ? <Failure error={failure} what="The items cannot be read at the moment." retry={() => setTurn(turn + 1)} /> : null}
      {!found ? (failure ? null : <Waiting what="Reading the items …" />) : found.rows.length > 0 ? rows
        : outcome || kind || settled ? <Empty title="No item is like that."><p>Change the filter, or take it away.</p></Empty>
          : <Empty title={active ? 'No item has been looked at yet.' : 'The job came to no item.'} />}
      {found?.next ? <div class="actions"><button type="button" class="button" onClick={() => void more()}>More items</button></div> : null}
    </section>
  );
}
