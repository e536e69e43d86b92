import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { health as askHealth } from '../api';
import { number, packageName, rate } from '../format';
import { rateOf, watchJobs } from '../live';
import { RatePlot } from '../rate_plot';
import { announce, Empty, Failure, Heading, Icon, Notice, Waiting, When } from '../ui';
import { isFinal, type Health, type HealthState } from '../types';

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

function useHealth(): { look: Look | undefined; failure: unknown } {
  const [look, setLook] = useState<Look>();
  const [failure, setFailure] = useState<unknown>();
  const said = useRef('');
  useEffect(() => {
    let timer = 0;
    let gone = false;
    const ask = async (): Promise<void> => {
      try {
        const found = await askHealth();
        if (gone) return;
        setLook(found);
        setFailure(undefined);
        if (said.current && said.current !== found.health.status) announce(`The server is now ${found.health.status}`);
        said.current = found.health.status;
      } catch (error) {
        if (!gone) setFailure(error);
      }
      if (!gone) timer = window.setTimeout(() => void ask(), document.hidden ? EVERY * 4 : EVERY);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  return { look, failure };
}

const course: [number[], number[]] = [[], []];

export function ServerPage(): JSX.Element {
  const { look, failure } = useHealth();
  const jobs = useMemo(() => watchJobs({}, 50), []);
  useEffect(() => jobs.stop, [jobs]);
  const page = jobs.value.value;
  const active = page?.jobs.filter(job => job.status === 'In Progress') ?? [];
  const waiting = page?.jobs.filter(job => job.status === 'Scheduled') ?? [];
  const total = active.reduce((sum, job) => sum + (rateOf(job.id) ?? 0), 0);
  useEffect(() => {
    if (!page) return;
    course[0].push(Date.now() / 1000);
    course[1].push(total);
    if (course[0].length > KEEP) course.forEach(values => values.shift());
  }, [page]);
  return (
    <>
      <Heading title="Server">{look ? <Badge state={look.health.status} /> : null}</Heading>
      {failure ? <Failure error={failure} what="The server does not tell how it is." /> : null}
      {!look && !failure ? <Waiting what="Asking the server …" /> : null}
      {look && look.health.issues.length > 0 ? <Notice tone={look.health.status === 'unhealthy' ? 'bad' : 'warn'} title="What needs a look"><ul>{look.health.issues.map(issue => <li key={issue}>{issue}</li>)}</ul></Notice> : null}
      {look ? (
        <>
          <dl class="tiles four">
            <div class="tile"><dt>Items a second now</dt><dd><span class="tile-value">{number(Math.round(total))}</span><span class="tile-hint">over all jobs</span></dd></div>
            <div class="tile"><dt>Jobs</dt><dd><span class="tile-value">{number(active.length)}</span><span class="tile-hint">under way, {number(waiting.length)} waiting</span></dd></div>
            <div class="tile"><dt>Up for</dt><dd><span class="tile-value small">{look.health.uptime.replace(/^0d /, '').replace(/^0h /, '')}</span><span class="tile-hint">version {look.health.version}</span></dd></div>
            <div class="tile"><dt>Answers in</dt><dd><span class="tile-value">{look.took < 10 ? look.took.toFixed(1) : Math.round(look.took)} ms</span><span class="tile-hint">as seen from here</span></dd></div>
          </dl>
          <RatePlot data={() => course} tick={page} label="Items a second, all jobs" none="The plot begins now." />
          <h2>Parts</h2>
          <ul class="list">
            {PARTS.map(([key, name, what]) => (
              <li key={key}><div class="list-body"><span>{name}</span><span class="quiet-text">{what}</span></div><span class="list-side"><Badge state={look.health.components[key]} /></span></li>
            ))}
          </ul>
          <p class="quiet-text">Looked at <When time={look.health.timestamp} /></p>
        </>
      ) : null}
      <h2>Under way</h2>
      {jobs.failure.value ? <Failure error={jobs.failure.value} what="The jobs cannot be read at the moment." retry={jobs.again} /> : active.length > 0 ? (
        <ul class="list">
          {active.filter(job => !isFinal(job)).map(job => (
            <li key={job.id}><div class="list-body"><a href={`/console/jobs/${job.id}`}>{job.jobType} of {packageName(job.dataSource?.path ?? job.id)}</a></div><span class="list-side">{rateOf(job.id) !== undefined ? rate(rateOf(job.id)!) : (job.currentOperation ?? '')}</span></li>
          ))}
        </ul>
      ) : <Empty title="No job is under way." />}
    </>
  );
}
