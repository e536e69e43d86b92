import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { exportFindings, findings, type FindingQuery } from '../api';
import { number } from '../format';
import { FindingsFeed, placeOf } from '../findings_feed';
import { announce, Empty, Failure, save, SeverityBadge, Waiting } from '../ui';
import { filterOf, setFilter, useTypedFilter } from '../use_filters';
import { isPhone, usePixels, useWindow } from '../use_window';
import type { Finding, FindingSummary } from '../types';

const MARGIN = 24; // rows that are here beyond those drawn, before more are fetched
const SEVERITIES = [['', 'All'], ['error', 'Errors'], ['warning', 'Warnings'], ['remark', 'Remarks']] as const;
const FORMS = [['text/csv', 'CSV', 'csv'], ['application/sarif+json', 'SARIF', 'sarif'], ['application/x-ndjson', 'NDJSON', 'ndjson'], ['application/json', 'JSON', 'json']] as const;
const AGAIN = 1_000; // milliseconds between looks while the job runs

function Row({ finding, job, index, top }: { finding: Finding; job: string; index: number; top: number }): JSX.Element {
  const place = placeOf(finding);
  return (
    <div class="finding-row" role="row" aria-rowindex={index + 2} style={{ transform: `translateY(${top}px)` }}>
      <div role="cell" class="finding-severity"><SeverityBadge severity={finding.severity} /></div>
      <div role="cell" class="finding-text">
        <a href={`/console/jobs/${job}/findings/${finding.sequence}`} data-index={index}>{finding.message}</a>
        <span class="finding-rule">{finding.rule}</span>
      </div>
      <div role="cell" class="finding-place"><span class="path" title={place}>{place.replace(/^knowledgehub\/articles\/(?=content\/)/, '')}</span>{finding.item && finding.file ? <span class="path quiet-text">{finding.item}</span> : null}</div>
    </div>
  );
}

function Rows({ feed, job }: { feed: FindingsFeed; job: string }): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const rowHeight = usePixels(() => (isPhone() ? 6.5 : 3.75)); // a phone's rows are stacked
  const rows = feed.rows;
  void feed.version.value; // rows grow in place
  const { from, to } = useWindow(holder, rowHeight, rows.length, feed);
  useEffect(() => {
    if (to + MARGIN >= rows.length) void feed.want(to + 200);
  }, [feed, to, rows.length]);

  /** Up and down go from finding to finding, also to those not drawn yet; keys may come faster than rows are drawn. */
  const aim = useRef<number>();
  const keys = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = aim.current ?? Number((document.activeElement as HTMLElement)?.dataset?.index ?? NaN);
    const element = holder.current;
    if (!step || Number.isNaN(at) || !element) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, at + step));
    const top = next * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight - element.clientHeight;
    aim.current = next;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (aim.current !== next) return;
      aim.current = undefined;
      element.querySelector<HTMLElement>(`a[data-index="${next}"]`)?.focus({ preventScroll: true });
    }));
  };

  return (
    <div class="findings-table" role="table" aria-label="Findings" aria-rowcount={feed.done.value ? rows.length + 1 : -1}>
      <div role="rowgroup" class="findings-head">
        <div role="row" aria-rowindex={1} class="finding-row head">
          <div role="columnheader">Severity</div><div role="columnheader">What is wrong</div><div role="columnheader">Where</div>
        </div>
      </div>
      <div role="rowgroup" class="findings-scroll" ref={holder} tabIndex={0} aria-label="Findings, scrollable" onKeyDown={keys}>
        <div role="presentation" class="findings-all" style={{ height: `${rows.length * rowHeight}px` }}>
          {rows.slice(from, to).map((finding, offset) => (
            <Row key={finding.sequence} finding={finding} job={job} index={from + offset} top={(from + offset) * rowHeight} />
          ))}
        </div>
      </div>
    </div>
  );
}

/** How many there are of each severity and rule, whatever of them is shown; the last text's until this one's is here. */
function useSummary(job: string, q: string, turn: number): { summary: FindingSummary | undefined; current: boolean } {
  const [told, setTold] = useState<{ q: string; summary: FindingSummary | undefined }>();
  useEffect(() => {
    const stop = new AbortController();
    findings(job, { q, limit: 1, summary: 'true' }, stop.signal).then(page => setTold({ q, summary: page.summary }), () => {
      // A summary that does not come leaves the filters without numbers: the rows tell what is wrong.
      if (!stop.signal.aborted) setTold({ q, summary: undefined });
    });
    return () => stop.abort();
  }, [job, q, turn]);
  return { summary: told?.summary, current: told?.q === q };
}

/** Of those that fit, as the summary counts them; undefined where it is not here yet. */
function countOf(summary: FindingSummary | undefined, severity: string, rule: string): number | undefined {
  return summary?.rules.filter(one => (!severity || one.severity === severity) && (!rule || one.rule === rule)).reduce((sum, one) => sum + one.count, 0);
}

function Exports({ job, query }: { job: string; query: FindingQuery }): JSX.Element {
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const fetchAs = async (type: string, ending: string): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      save(await exportFindings(job, query, type), `findings-${job}.${ending}`);
      announce('The findings are saved');
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return (
    <>
      <div class="actions exports" role="group" aria-label="Save the findings that are shown">
        <span class="quiet-text">Save as</span>
        {FORMS.map(([type, name, ending]) => <button key={name} type="button" class="button small" disabled={busy} onClick={() => void fetchAs(type, ending)}>{name}</button>)}
      </div>
      {failure ? <Failure error={failure} what="The findings cannot be saved." /> : null}
    </>
  );
}

export function Findings({ job, active, tick }: { job: string; active: boolean; tick: unknown }): JSX.Element {
  const severity = filterOf('severity');
  const rule = filterOf('rule');
  const { text, setText, settled } = useTypedFilter('text', 120);
  const [turn, setTurn] = useState(0);
  const query = useMemo((): FindingQuery => ({ severity, rule, q: settled }), [severity, rule, settled]);
  const feed = useMemo(() => new FindingsFeed(job, query), [job, query]);
  const { summary, current } = useSummary(job, settled, turn);

  useEffect(() => {
    void feed.want(200);
    return () => feed.stop();
  }, [feed]);
  const last = useRef(0);
  useEffect(() => {
    // While the job runs its findings come in; at its end once more, for the last of them.
    if (active && Date.now() - last.current < AGAIN) return;
    last.current = Date.now();
    setTurn(before => before + 1);
    void feed.more(feed.rows.length + 1);
  }, [feed, tick, active]);

  void feed.version.value;
  // Rows and summary come each in their own time: only what is known of this text is said.
  const counted = current ? countOf(summary, severity, rule) : undefined;
  const fitting = feed.done.value || counted !== undefined ? Math.max(feed.rows.length, counted ?? 0) : undefined;
  const count = fitting === undefined ? '' : `${number(fitting)} ${fitting === 1 ? 'finding' : 'findings'}`;
  useEffect(() => {
    if (feed.done.value && (severity || rule || settled)) announce(count);
  }, [feed.done.value, feed]);

  const filtered = severity !== '' || rule !== '' || settled !== '';
  const rules = [...new Set([...(summary?.rules ?? []).filter(one => !severity || one.severity === severity).map(one => one.rule), ...(rule ? [rule] : [])])].sort();
  return (
    <section class="findings" aria-labelledby="findings-heading">
      <h2 id="findings-heading" class="visually-hidden">Findings</h2>
      <div class="filters">
        <fieldset class="segments">
          <legend class="visually-hidden">Severity</legend>
          {SEVERITIES.map(([value, label]) => (
            <label key={value} class={severity === value ? 'chosen' : ''}>
              <input type="radio" name="severity" value={value} checked={severity === value} onChange={() => setFilter('severity', value)} />
              {label}<span class="segment-count">{summary ? number(countOf(summary, value, rule) ?? 0) : ''}</span>
            </label>
          ))}
        </fieldset>
        <label>Rule
          <select value={rule} onChange={event => setFilter('rule', event.currentTarget.value)}>
            <option value="">All</option>
            {rules.map(code => <option key={code}>{code}</option>)}
          </select>
        </label>
        <label class="grow">Text
          <input type="search" value={text} placeholder="message, item, file or advice" onInput={event => setText(event.currentTarget.value)} />
        </label>
        <span class="filter-count">{count}</span>
      </div>
      {feed.failure.value ? <Failure error={feed.failure.value} what="The findings cannot be read at the moment." retry={() => void feed.want(200)} /> : null}
      {feed.rows.length > 0 ? <><Rows feed={feed} job={job} /><Exports job={job} query={query} /></> : feed.done.value ? (
        filtered ? <Empty title="No finding is like that."><p>Change the filter, or take it away.</p></Empty>
          : active ? <Empty title="Nothing found so far." /> : <Empty title="Nothing was found: every item is fine." />
      ) : feed.failure.value ? null : <Waiting what="Reading the findings …" />}
    </section>
  );
}
