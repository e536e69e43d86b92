import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { listJobs, type JobFilter } from '../api';
import { number, rate } from '../format';
import { titleOf } from '../job_words';
import { rateOf, watchJobs } from '../live';
import { announce, Empty, Failure, Heading, Icon, Path, ProgressBar, StateBadge, Waiting, When } from '../ui';
import { filterOf, setFilter, useTypedFilter } from '../use_filters';
import { isFinal, type Job } from '../types';

const PAGE = 25;
const WITHIN: Record<string, [label: string, hours: number]> = { hour: ['In the last hour', 1], day: ['In the last day', 24], week: ['In the last week', 168] };

const since = (within: string): string => (WITHIN[within] ? new Date(Date.now() - WITHIN[within][1] * 3_600_000).toISOString() : '');

function Counts({ job }: { job: Job }): JSX.Element {
  const { results } = job;
  if (!results) return <span class="quiet-text">{job.currentOperation ?? 'Counted at the end'}</span>;
  return (
    <span class="counts">
      <span class="count good"><Icon name="check" />{number(results.successful)}<span class="visually-hidden"> successful</span></span>
      <span class="count warn"><Icon name="warn" />{number(results.warnings)}<span class="visually-hidden"> with warnings</span></span>
      <span class="count bad"><Icon name="cross" />{number(results.errors)}<span class="visually-hidden"> errors</span></span>
    </span>
  );
}

function Course({ job }: { job: Job }): JSX.Element {
  const { progress } = job;
  const speed = isFinal(job) ? undefined : rateOf(job.id);
  const tone = job.status === 'Failed' ? 'bad' : job.status === 'Cancelled' ? 'quiet' : '';
  return (
    <div class="course">
      <ProgressBar label={`Progress of ${titleOf(job)}`} tone={tone}
        {...(progress ? { value: progress.processed, total: progress.total } : isFinal(job) || job.status === 'Scheduled' ? { value: 0, total: 1 } : {})} />
      <span class="course-text">
        {progress ? `${number(progress.processed)} of ${number(progress.total)}` : job.status === 'Scheduled' ? 'not begun' : job.status === 'In Progress' ? 'counting' : 'nothing processed'}
        {speed !== undefined ? ` · ${rate(speed)}` : ''}
      </span>
    </div>
  );
}

const Row = ({ job }: { job: Job }): JSX.Element => (
  <tr>
    <td data-label="Job">
      <a class="row-link" href={`/console/jobs/${job.id}`}>{titleOf(job)}</a>
      <span class="row-under"><Path text={job.dataSource?.path ?? job.id} /></span>
    </td>
    <td data-label="State"><StateBadge state={job.status} /></td>
    <td data-label="Progress"><Course job={job} /></td>
    <td data-label="Items"><Counts job={job} /></td>
    <td data-label="Started"><When time={job.startTime} compact /></td>
  </tr>
);

/** Says what changed since the last look, to those who do not see it. */
function useChanges(jobs: Job[] | undefined): void {
  const before = useRef(new Map<string, string>());
  useEffect(() => {
    if (!jobs) return;
    const changed = jobs.filter(job => before.current.has(job.id) && before.current.get(job.id) !== job.status);
    before.current = new Map(jobs.map(job => [job.id, job.status]));
    if (changed.length > 0) announce(changed.map(job => `${titleOf(job)}: ${job.status}`).join('. '));
  }, [jobs]);
}

export function JobsPage(): JSX.Element {
  const status = filterOf('status');
  const jobType = filterOf('jobType');
  const within = filterOf('within');
  const { text, setText, settled: q } = useTypedFilter('q', 180);
  const wanted = useMemo((): JobFilter => ({ q, status, jobType, from: since(within) }), [q, status, jobType, within]);
  const live = useMemo(() => watchJobs(wanted, PAGE), [wanted]);
  useEffect(() => live.stop, [live]);
  const [older, setOlder] = useState<{ jobs: Job[]; next?: string }>();
  const [olderFailure, setOlderFailure] = useState<unknown>();
  useEffect(() => setOlder(undefined), [wanted]);

  const newest = live.value.value;
  useChanges(newest?.jobs);
  const seen = new Set(newest?.jobs.map(job => job.id));
  const jobs = newest ? [...newest.jobs, ...(older?.jobs.filter(job => !seen.has(job.id)) ?? [])] : undefined;
  const next = older ? older.next : newest?.next;

  const more = async (): Promise<void> => {
    try {
      const page = await listJobs({ ...wanted, limit: 100, ...(next ? { after: next } : {}) });
      setOlder({ jobs: [...(older?.jobs ?? []), ...page.jobs], ...(page.next ? { next: page.next } : {}) });
      announce(`${page.jobs.length} more jobs`);
    } catch (error) {
      setOlderFailure(error);
    }
  };

  return (
    <>
      <Heading title="Jobs"><a class="button primary" href="/console/new"><Icon name="add" />New import</a></Heading>
      <div class="filters">
        <label>State
          <select value={status} onChange={event => setFilter('status', event.currentTarget.value)}>
            <option value="">All</option>
            {['Scheduled', 'In Progress', 'Successful', 'Failed', 'Cancelled'].map(state => <option key={state}>{state}</option>)}
          </select>
        </label>
        <label>Kind
          <select value={jobType} onChange={event => setFilter('jobType', event.currentTarget.value)}>
            <option value="">All</option>
            <option>Import</option>
            <option>Validation</option>
            <option>Undo</option>
          </select>
        </label>
        <label>Created
          <select value={within} onChange={event => setFilter('within', event.currentTarget.value)}>
            <option value="">At any time</option>
            {Object.entries(WITHIN).map(([value, [label]]) => <option key={value} value={value}>{label}</option>)}
          </select>
        </label>
        <label class="grow">Text
          <input type="search" value={text} placeholder="part of a path, id or error" onInput={event => setText(event.currentTarget.value)} />
        </label>
      </div>
      {live.failure.value ? <Failure error={live.failure.value} what="The jobs cannot be read at the moment." retry={live.again} /> : null}
      {!jobs ? (live.failure.value ? null : <Waiting what="Reading the jobs …" />) : jobs.length === 0 ? (
        status || jobType || q || within ? <Empty title="No job is like that."><p>Change the filter, or <a href="/console/jobs">take it away</a>.</p></Empty> : (
          <Empty title="Nothing has been imported yet.">
            <p>Drop a package onto <a href="/console/new">New import</a>, or name where one lies. It is checked before anything is written.</p>
          </Empty>
        )
      ) : (
        <table class="table jobs">
          <caption class="visually-hidden">Jobs, newest first</caption>
          <thead><tr><th scope="col">Job</th><th scope="col">State</th><th scope="col">Progress</th><th scope="col">Items</th><th scope="col">Started</th></tr></thead>
          <tbody>{jobs.map(job => <Row key={job.id} job={job} />)}</tbody>
        </table>
      )}
      {olderFailure ? <Failure error={olderFailure} what="Older jobs cannot be read at the moment." /> : null}
      {next ? <div class="actions"><button type="button" class="button" onClick={() => void more()}>Older jobs</button></div> : null}
    </>
  );
}
