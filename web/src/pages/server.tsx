import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { health as askHealth } from '../api';
import { bytes, number, rate } from '../format';
import { titleOf } from '../job_words';
import { rateOf, watchJobs } from '../live';
import { look, type Throughput } from '../metrics';
import { RatePlot } from '../rate_plot';
import { announce, Empty, Failure, Heading, Icon, Notice, Waiting, When } from '../ui';
import type { Health, HealthState } from '../types';

const EVERY = 3_000;
const KEEP = 600; // points of the course

const STATES: Record<HealthState, [string, string, string]> = {
  healthy: ['check', 'good', 'Healthy'],
  degraded: ['warn', 'warn', 'Degraded'],
  unhealthy: ['cross', 'bad', 'Unhealthy'],
  maintenance: ['clock', 'quiet', 'In maintenance'],
};
const PARTS: [keyof Health['components'], string, string][] = [
  ['database', 'Database', 'where jobs and content are kept'],
  ['storage', 'Storage', 'attachments and pictures'],
  ['fileSystem', 'File system', 'the data folder and its free space'],
  ['processingEngine', 'Processing', 'the workers that run jobs'],
  ['externalServices', 'External services', 'what Waybill connects to'],
];

const Badge = ({ state }: { state: HealthState }): JSX.Element => {
  const [icon, tone, text] = STATES[state];
  return <span class={`badge ${tone}`}><Icon name={icon} />{text}</span>;
};

interface Look { health: Health; took: number }

interface Seen { look?: Look; throughput?: Throughput; failure?: unknown; throughputFailure?: unknown }

// Outlives the page: the plots go on where they were.
let last: Throughput | undefined;
const itemCourse: [number[], number[]] = [[], []];
const requestCourse: [number[], number[]] = [[], []];

function add(course: [number[], number[]], at: number, value: number | undefined): void {
  if (value === undefined) return;
  course[0].push(at / 1000);
  course[1].push(value);
  if (course[0].length > KEEP) course.forEach(values => values.shift());
}

/** Health and throughput, each told apart where it cannot be had. */
function useServer(): Seen {
  const [seen, setSeen] = useState<Seen>({});
  const said = useRef('');
  useEffect(() => {
    let timer = 0;
    let gone = false;
    const ask = async (): Promise<void> => {
      const [health, throughput] = await Promise.allSettled([askHealth(), look(last)]);
      if (gone) return;
      if (throughput.status === 'fulfilled') {
        last = throughput.value;
        add(itemCourse, last.at, last.itemRate);
        add(requestCourse, last.at, last.requestRate);
      }
      setSeen(before => ({
        ...(health.status === 'fulfilled' ? { look: health.value } : { ...(before.look ? { look: before.look } : {}), failure: health.reason as unknown }),
        ...(throughput.status === 'fulfilled' ? { throughput: throughput.value } : { throughputFailure: throughput.reason as unknown }),
      }));
      const status = health.status === 'fulfilled' ? health.value.health.status : said.current;
      if (said.current && said.current !== status) announce(`The server is now ${status}`);
      said.current = status;
      timer = window.setTimeout(() => void ask(), document.hidden ? EVERY * 4 : EVERY);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  return seen;
}

const Tile = ({ name, value, hint }: { name: string; value: string; hint: string }): JSX.Element => (
  <div class="tile"><dt>{name}</dt><dd><span class="tile-value">{value}</span><span class="tile-hint">{hint}</span></dd></div>
);

function Throughputs({ seen }: { seen: Seen }): JSX.Element {
  const now = seen.throughput;
  const perSecond = (value: number | undefined): string => (value === undefined ? '…' : number(Math.round(value * 10) / 10));
  return (
    <>
      <h2>Throughput</h2>
      {seen.throughputFailure ? <Failure error={seen.throughputFailure} what="The server does not tell what it counts." /> : null}
      <dl class="tiles four">
        <Tile name="Items a second" value={perSecond(now?.itemRate)} hint={`${number(now?.items ?? 0)} since the start`} />
        <Tile name="Requests a second" value={perSecond(now?.requestRate)} hint={`${number(now?.faults ?? 0)} faults of the server's own`} />
        <Tile name="Jobs" value={number(now?.running ?? 0)} hint={`under way, ${number(now?.waiting ?? 0)} waiting`} />
        <Tile name="Memory" value={bytes(now?.memory ?? 0)} hint={`${number(now?.backlog ?? 0)} revisions not in search yet`} />
      </dl>
      <div class="two">
        <RatePlot data={() => itemCourse} label="Items a second, all departments" none="The plot begins now." />
        <RatePlot data={() => requestCourse} label="Requests a second" none="The plot begins now." />
      </div>
    </>
  );
}

export function ServerPage(): JSX.Element {
  const seen = useServer();
  const jobs = useMemo(() => watchJobs({ status: 'In Progress' }, 50), []);
  useEffect(() => jobs.stop, [jobs]);
  const active = jobs.value.value?.jobs ?? [];
  const health = seen.look?.health;
  return (
    <>
      <Heading title="Server">{health ? <Badge state={health.status} /> : null}</Heading>
      {seen.failure ? <Failure error={seen.failure} what="The server does not tell how it is." /> : null}
      {!health && !seen.failure ? <Waiting what="Asking the server …" /> : null}
      {health && health.issues.length > 0 ? <Notice tone={health.status === 'unhealthy' ? 'bad' : 'warn'} title="What needs a look"><ul>{health.issues.map(issue => <li key={issue}>{issue}</li>)}</ul></Notice> : null}
      <Throughputs seen={seen} />
      {health && seen.look ? (
        <>
          <h2>Health</h2>
          <ul class="list">
            {PARTS.map(([key, name, what]) => (
              <li key={key}><div class="list-body"><span>{name}</span><span class="quiet-text">{what}</span></div><span class="list-side"><Badge state={health.components[key]} /></span></li>
            ))}
          </ul>
          <p class="quiet-text">Version {health.version}, up for {health.uptime.replace(/^0d (0h )?/, '')}; answers in {seen.look.took < 10 ? seen.look.took.toFixed(1) : Math.round(seen.look.took)} ms as seen from here; looked at <When time={health.timestamp} /></p>
        </>
      ) : null}
      <h2>Jobs under way</h2>
      {jobs.failure.value ? <Failure error={jobs.failure.value} what="The jobs cannot be read at the moment." retry={jobs.again} /> : active.length > 0 ? (
        <ul class="list">
          {active.map(job => (
            <li key={job.id}><div class="list-body"><a href={`/console/jobs/${job.id}`}>{titleOf(job)}</a></div><span class="list-side">{rateOf(job.id) !== undefined ? rate(rateOf(job.id)!) : (job.currentOperation ?? '')}</span></li>
          ))}
        </ul>
      ) : <Empty title="No job of your department is under way." />}
    </>
  );
}
