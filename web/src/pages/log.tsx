import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { logPart, wholeLog } from '../api';
import { bytes, number } from '../format';
import { Empty, Failure, save } from '../ui';
import { usePixels, useWindow } from '../use_window';

const TAIL = 128 * 1024; // bytes of the end that are read at first
const MOST_LINES = 20_000; // kept on the page; the whole log can be saved
const LINE = 1.3; // rem, as .log-line is high

/** `dropped`: lines that were here and are no longer; `cut`: the beginning is not here. */
interface Shown { lines: string[]; dropped: number; cut: boolean; size: number }

/** Turns the log's bytes, as they come, into lines. */
class LogReader {
  private at = -TAIL;
  private rest: Uint8Array<ArrayBuffer> = new Uint8Array();
  private readonly decoder = new TextDecoder();
  lines: string[] = [];
  dropped = 0;
  begin = 0;

  async read(job: string, stop: AbortSignal): Promise<boolean> {
    const first = this.at < 0;
    const part = await logPart(job, this.at, stop);
    if (first) this.begin = part.start;
    this.at = part.start + part.bytes.length;
    const all = new Uint8Array(this.rest.length + part.bytes.length);
    all.set(this.rest);
    all.set(part.bytes, this.rest.length);
    const end = all.lastIndexOf(10) + 1;
    this.rest = all.slice(end);
    if (end === 0) return false;
    let fresh = this.decoder.decode(all.subarray(0, end - 1)).split('\n');
    if (first && part.start > 0) fresh = fresh.slice(1); // begins in the middle of a line
    this.lines = [...this.lines, ...fresh];
    if (this.lines.length > MOST_LINES) {
      this.dropped += this.lines.length - MOST_LINES;
      this.lines = this.lines.slice(-MOST_LINES);
    }
    return true;
  }
  get size(): number { return Math.max(0, this.at); }
}

function Line({ text, top }: { text: string; top: number }): JSX.Element {
  const [time = '', level = '', ...others] = text.split('\t');
  const tone = { ERROR: 'bad', WARNING: 'warn' }[level] ?? '';
  return <div class={`log-line ${tone}`} style={{ transform: `translateY(${top}px)` }}><span class="log-time">{time.slice(11, 23)}</span> <span class="log-level">{level}</span> {others.filter(part => part !== '-' && part !== '').join('  ')}</div>;
}

function Lines({ shown, follow, setFollow }: { shown: Shown; follow: boolean; setFollow: (follow: boolean) => void }): JSX.Element {
  const { lines, dropped } = shown;
  const box = useRef<HTMLDivElement>(null);
  const height = usePixels(() => LINE);
  const { from, to } = useWindow(box, height, lines.length, box);
  const before = useRef(dropped);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // Whoever reads further up keeps the same lines before their eyes when older ones go.
    if (follow) element.scrollTop = element.scrollHeight;
    else if (dropped > before.current) element.scrollTop -= (dropped - before.current) * height;
    before.current = dropped;
  }, [shown, follow]);
  const scrolled = (): void => {
    const element = box.current;
    if (element) setFollow(element.scrollHeight - element.scrollTop - element.clientHeight < 40);
  };
  return (
    <div class="log-box" ref={box} tabIndex={0} role="log" aria-live="off" aria-label="The job's log" onScroll={scrolled}>
      <div class="log-all" style={{ height: `${lines.length * height}px` }}>
        {lines.slice(from, to).map((line, offset) => <Line key={dropped + from + offset} text={line} top={(from + offset) * height} />)}
      </div>
    </div>
  );
}

export function Log({ job, active, location }: { job: string; active: boolean; location?: string | undefined }): JSX.Element {
  const [shown, setShown] = useState<Shown>({ lines: [], dropped: 0, cut: false, size: 0 });
  const [follow, setFollow] = useState(true);
  const [failure, setFailure] = useState<unknown>();
  const [looked, setLooked] = useState(false);
  const reader = useRef(new LogReader());

  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const look = async (): Promise<void> => {
      try {
        if (await reader.current.read(job, stop.signal)) {
          const { lines, dropped, begin, size } = reader.current;
          setShown({ lines, dropped, cut: begin > 0 || dropped > 0, size });
        }
        setFailure(undefined);
        setLooked(true);
      } catch (error) {
        if (stop.signal.aborted) return;
        setFailure(error);
      }
      if (active && !stop.signal.aborted) timer = window.setTimeout(() => void look(), document.hidden ? 5_000 : 800);
    };
    void look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [job, active]);

  return (
    <section aria-labelledby="log-heading" class="log">
      <h2 id="log-heading" class="visually-hidden">Log</h2>
      <div class="filters">
        <label class="check"><input type="checkbox" checked={follow} onChange={event => setFollow(event.currentTarget.checked)} />Follow the end</label>
        <span class="filter-count">{number(shown.lines.length)} lines shown of {bytes(shown.size)}</span>
        <button type="button" class="button" onClick={() => void wholeLog(job).then(blob => save(blob, `import-logs-${job}.txt`), setFailure)}>Save the whole log</button>
      </div>
      {failure ? <Failure error={failure} what="The log cannot be read at the moment." /> : null}
      {shown.lines.length > 0 ? (
        <>
          {shown.cut ? <p class="quiet-text">The beginning is left out here; save the whole log to have it.</p> : null}
          <Lines shown={shown} follow={follow} setFollow={setFollow} />
        </>
      ) : looked ? <Empty title="Nothing stands in the log yet." /> : null}
      {location ? <p class="quiet-text">The log {active ? 'will be' : 'is'} at <span class="path">{location}</span></p> : null}
    </section>
  );
}
