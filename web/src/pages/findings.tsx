import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { number } from '../format';
import { FindingsFeed, placeOf } from '../findings_feed';
import { go, here } from '../router';
import { announce, Empty, Failure, SeverityBadge, Waiting } from '../ui';
import type { Finding } from '../types';

const AHEAD = 12; // rows drawn above and below what is seen
const SEVERITIES = [['', 'All'], ['error', 'Errors'], ['warning', 'Warnings'], ['remark', 'Remarks']] as const;

/** A row's height in pixels: it follows the reader's text size, and the phone's stacked rows. */
function useRowHeight(): number {
  const measure = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize) * (matchMedia('(max-width: 46rem)').matches ? 6.5 : 3.75);
  const [height, setHeight] = useState(measure);
  useEffect(() => {
    const changed = (): void => setHeight(measure());
    addEventListener('resize', changed);
    return () => removeEventListener('resize', changed);
  }, []);
  return height;
}

function Row({ finding, job, index, top }: { finding: Finding; job: string; index: number; top: number }): JSX.Element {
  const place = placeOf(finding);
  return (
    <div class="finding-row" role="row" aria-rowindex={index + 2} style={{ transform: `translateY(${top}px)` }}>
      <div role="cell" class="finding-severity"><SeverityBadge severity={finding.severity} /></div>
      <div role="cell" class="finding-text">
        <a href={`/console/jobs/${job}/findings/${finding.sequence}`} data-index={index}>{finding.message}</a>
        <span class="finding-rule">{finding.rule}</span>
      </div>
      <div role="cell" class="finding-place"><span class="path">{place}</span>{finding.item && finding.file ? <span class="path quiet-text">{finding.item}</span> : null}</div>
    </div>
  );
}

function Rows({ feed, job }: { feed: FindingsFeed; job: string }): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight();
  const [view, setView] = useState({ top: 0, height: 600 });
  const rows = feed.rows;
  void feed.version.value; // rows grow in place
  const from = Math.max(0, Math.floor(view.top / rowHeight) - AHEAD);
  const to = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + AHEAD);

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
  }, [feed]);
  useEffect(() => {
    if (to + AHEAD * 2 >= rows.length) void feed.want(to + 200);
  }, [feed, to, rows.length]);

  /** Up and down go from finding to finding, also to those not drawn yet. */
  const keys = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = Number((document.activeElement as HTMLElement)?.dataset?.index ?? NaN);
    const element = holder.current;
    if (!step || Number.isNaN(at) || !element) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, at + step));
    const top = next * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight - element.clientHeight;
    requestAnimationFrame(() => requestAnimationFrame(() => element.querySelector<HTMLElement>(`a[data-index="${next}"]`)?.focus({ preventScroll: true })));
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

export function Findings({ job, active, tick }: { job: string; active: boolean; tick: unknown }): JSX.Element {
  const at = here.value.searchParams;
  const severity = at.get('severity') ?? '';
  const rule = at.get('rule') ?? '';
  const [text, setText] = useState(at.get('text') ?? '');
  const [settled, setSettled] = useState(text);
  const rules = useRef(new Set<string>());
  const feed = useMemo(() => new FindingsFeed(job, { severity, rule, text: settled.trim() }), [job, severity, rule, settled]);

  const filter = (name: string, value: string): void => {
    const to = new URL(location.href);
    if (value) to.searchParams.set(name, value);
    else to.searchParams.delete(name);
    go(to.pathname + to.search, true);
  };
  useEffect(() => {
    const timer = setTimeout(() => { setSettled(text); filter('text', text); }, 120);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    void feed.want(200);
    return () => feed.stop();
  }, [feed]);
  const last = useRef(0);
  useEffect(() => {
    // While the job runs its findings come in; at its end once more, for the last of them.
    if (active && Date.now() - last.current < 1_000) return;
    last.current = Date.now();
    void feed.more(feed.rows.length + 1);
  }, [feed, tick, active]);

  void feed.version.value;
  for (const finding of feed.rows) if (rules.current.size < 200) rules.current.add(finding.rule);
  const count = `${number(feed.rows.length)}${feed.done.value ? '' : ' or more'} ${feed.rows.length === 1 && feed.done.value ? 'finding' : 'findings'}`;
  useEffect(() => {
    if (feed.done.value && (severity || rule || settled)) announce(count);
  }, [feed.done.value, feed]);

  const filtered = severity !== '' || rule !== '' || settled !== '';
  return (
    <section class="findings" aria-labelledby="findings-heading">
      <h2 id="findings-heading" class="visually-hidden">Findings</h2>
      <div class="filters">
        <fieldset class="segments">
          <legend class="visually-hidden">Severity</legend>
          {SEVERITIES.map(([value, label]) => (
            <label key={value} class={severity === value ? 'chosen' : ''}>
              <input type="radio" name="severity" value={value} checked={severity === value} onChange={() => filter('severity', value)} />{label}
            </label>
          ))}
        </fieldset>
        <label>Rule
          <select value={rule} onChange={event => filter('rule', event.currentTarget.value)}>
            <option value="">All</option>
            {[...new Set([...rules.current, ...(rule ? [rule] : [])])].sort().map(code => <option key={code}>{code}</option>)}
          </select>
        </label>
        <label class="grow">Text
          <input type="search" value={text} placeholder="message, item or file" onInput={event => setText(event.currentTarget.value)} />
        </label>
        <span class="filter-count">{count}</span>
      </div>
      {feed.failure.value ? <Failure error={feed.failure.value} what="The findings cannot be read at the moment." retry={() => void feed.want(200)} /> : null}
      {feed.rows.length > 0 ? <Rows feed={feed} job={job} /> : feed.done.value ? (
        filtered ? <Empty title="No finding is like that."><p>Change the filter, or take it away.</p></Empty>
          : active ? <Empty title="Nothing found so far." /> : <Empty title="Nothing was found: every item is fine." />
      ) : feed.failure.value ? null : <Waiting what="Reading the findings …" />}
    </section>
  );
}
