import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { findJob } from '../api';
import { duration, number, rate } from '../format';
import { titleOf } from '../job_words';
import { rateOf, ratesOf, watchJob } from '../live';
import { RatePlot } from '../rate_plot';
import { announce, CopyButton, Failure, Heading, Icon, Notice, Path, ProgressBar, StateBadge, Waiting, When } from '../ui';
import { isFinal, type Job, type JobStatus } from '../types';
import { Findings } from './findings';
import { Items } from './items';
import { JobActions } from './job_actions';
import { Log } from './log';

const IMPORT_STAGES = ['Fetching package', 'Reading package', 'Processing content items', 'Linking topics and portals', 'Updating search index'];
const UNDO_STAGES = ['Processing content items', 'Updating search index'];
export type JobView = 'findings' | 'items' | 'log';


function Stages({ status }: { status: JobStatus }): JSX.Element {
  const stages = status.jobType === 'Undo' ? UNDO_STAGES : IMPORT_STAGES;
  const at = isFinal(status) ? (status.status === 'Successful' ? stages.length : -1) : stages.indexOf(status.currentOperation ?? '');
  return (
    <ol class="stages" aria-label="Stages">
      {stages.map((stage, index) => (
        <li key={stage} class={index < at ? 'done' : index === at ? 'now' : ''} aria-current={index === at ? 'step' : undefined}>
          {index < at ? <Icon name="check" /> : <span class="stage-dot" aria-hidden="true" />}{stage}
          {index < at ? <span class="visually-hidden"> (done)</span> : null}
        </li>
      ))}
    </ol>
  );
}

function timeText(status: JobStatus): string {
  const end = status.completionTime ?? status.failureTime;
  if (end) return `took ${duration(Date.parse(end) - Date.parse(status.startTime))}`;
  if (status.estimatedCompletion) return `about ${duration(Math.max(1_000, Math.round((Date.parse(status.estimatedCompletion) - Date.now()) / 1000) * 1000))} left`;
  return status.status === 'In Progress' ? 'time left not known yet' : '';
}

function Course({ id, status }: { id: string; status: JobStatus }): JSX.Element {
  const { progress } = status;
  const ended = isFinal(status);
  const took = ended ? Date.parse(status.completionTime ?? status.failureTime ?? status.startTime) - Date.parse(status.startTime) : 0;
  const speed = ended ? (progress && took > 0 ? (progress.processed * 1000) / took : undefined) : (status.rate ?? rateOf(id));
  const tone = status.status === 'Failed' ? 'bad' : status.status === 'Cancelled' ? 'quiet' : ended ? 'good' : '';
  return (
    <div class="card course-card">
      <div class="course-head">
        <span class="course-big">{progress ? `${progress.percentage} %` : ended || status.status === 'Scheduled' ? '–' : '…'}</span>
        <span class="course-of">{progress ? `${number(progress.processed)} of ${number(progress.total)} items` : ended ? 'nothing processed' : status.status === 'Scheduled' ? 'not begun' : 'counting the items'}</span>
        <span class="course-rate">{speed !== undefined ? `${rate(speed)}${ended ? ' on average' : ''}` : ''}</span>
        <span class="course-left">{timeText(status)}</span>
      </div>
      <ProgressBar label="Progress" tone={tone} {...(progress ? { value: progress.processed, total: progress.total } : ended || status.status === 'Scheduled' ? { value: 0, total: 1 } : {})} />
      <Stages status={status} />
    </div>
  );
}

function Counts({ status }: { status: JobStatus }): JSX.Element {
  const { results } = status;
  const rows = [
    ['good', 'check', 'Successful', results?.successful, 'done, nothing to look at'],
    ['warn', 'warn', 'With warnings', results?.warnings, 'done, somebody should look'],
    ['bad', 'cross', 'Errors', results?.errors, 'not done'],
  ] as const;
  return (
    <dl class="tiles">
      {rows.map(([tone, icon, label, value, hint]) => (
        <div key={label} class={`tile ${tone}`}>
          <dt><Icon name={icon} />{label}</dt>
          <dd><span class="tile-value">{value === undefined ? '–' : number(value)}</span><span class="tile-hint">{value === undefined ? 'counted at the end' : hint}</span></dd>
        </div>
      ))}
    </dl>
  );
}

function Facts({ id, status, job, target }: { id: string; status: JobStatus; job: Job | null; target: Job | undefined }): JSX.Element {
  const end = status.completionTime ?? status.failureTime;
  return (
    <dl class="facts">
      {job?.dataSource ? <div><dt>Package</dt><dd><Path text={job.dataSource.path} /></dd></div> : null}
      {job?.target ? <div><dt>{status.jobType === 'Undo' ? 'Takes back' : 'Runs again what failed in'}</dt><dd><a href={`/console/jobs/${job.target}`}>{target ? titleOf(target) : 'this job'}</a></dd></div> : null}
      <div><dt>{status.status === 'Scheduled' ? 'Begins' : 'Started'}</dt><dd><When time={status.startTime} /></dd></div>
      <div><dt>Ended</dt><dd>{end ? <When time={end} /> : <span class="when">not yet</span>}</dd></div>
      {status.scheduledStopTime ? <div><dt>Stops at the latest</dt><dd><When time={status.scheduledStopTime} /></dd></div> : null}
      {job ? <div><dt>By</dt><dd>{job.client}</dd></div> : null}
      <div><dt>Job id</dt><dd class="path">{id} <CopyButton text={id} label="Copy" /></dd></div>
    </dl>
  );
}

/** Says to those who do not see the page how far it is: each tenth, and each state. */
function useProgressSaid(status: JobStatus | undefined): void {
  const last = useRef('');
  useEffect(() => {
    if (!status) return;
    const step = isFinal(status) || !status.progress ? status.status : `${Math.floor(status.progress.percentage / 10) * 10} percent`;
    if (last.current && last.current !== step) announce(isFinal(status) ? `The job has ended: ${status.status}` : step);
    last.current = step;
  }, [status]);
}

export function JobPage({ id, view }: { id: string; view: JobView }): JSX.Element {
  const live = useMemo(() => watchJob(id), [id]);
  useEffect(() => live.stop, [live]);
  const [job, setJob] = useState<Job | null>(); // null: the list does not have it
  const [target, setTarget] = useState<Job>();
  useEffect(() => {
    findJob(id).then(async found => {
      if (found?.target) setTarget(await findJob(found.target).catch(() => undefined));
      setJob(found ?? null);
    }, () => setJob(null));
  }, [id]);
  const status = live.value.value;
  useProgressSaid(status);
  const ran = useRef(false); // while this page was there

  const title = job ? titleOf(job) : (status?.jobType ?? 'Job');
  // With both at once nothing moves when the second comes.
  if (!status || job === undefined) {
    return (
      <>
        <Heading title={live.failure.value?.status === 404 ? 'There is no such job' : 'Job'} />
        {live.failure.value ? <Failure error={live.failure.value} what="This job cannot be shown." retry={live.again} /> : <Waiting what="Reading the job …" />}
      </>
    );
  }
  const active = !isFinal(status);
  ran.current ||= active;
  return (
    <>
      <p class="crumbs"><a href="/console/jobs">Jobs</a></p>
      <Heading title={title} tab={active && status.progress ? `${status.progress.percentage} % · ${title}` : title}><StateBadge state={status.status} /></Heading>
      {live.failure.value ? <Failure error={live.failure.value} what="No news at the moment; what is shown is the last that was heard." /> : null}
      {status.error ? (
        <Notice tone="bad" title={status.error}>
          <p>{status.retryable ? 'The same request may well succeed later: go on from where it stopped.' : 'The input must change before this can succeed: mend the package or its path, and start again. What is done is not done twice.'}</p>
        </Notice>
      ) : null}
      <JobActions id={id} status={status} job={job ?? undefined} again={live.again} />
      <div class="job-top">
        <Course id={id} status={status} />
        <Counts status={status} />
      </div>
      {/* Of a job that was over before there is no course to draw. */}
      {ran.current || ratesOf(id)[0].length > 1 ? <RatePlot data={() => ratesOf(id)} label="Items a second" none={active ? 'The plot begins with the first items.' : 'It was over too soon for a plot.'} /> : null}
      <Facts id={id} status={status} job={job} target={target} />
      <nav class="tabs" aria-label="Of this job">
        <a href={`/console/jobs/${id}`} aria-current={view === 'findings' ? 'page' : undefined}>Findings</a>
        <a href={`/console/jobs/${id}/items`} aria-current={view === 'items' ? 'page' : undefined}>{status.jobType === 'Validation' ? 'What it would do' : 'What it did'}</a>
        <a href={`/console/jobs/${id}/log`} aria-current={view === 'log' ? 'page' : undefined}>Log</a>
      </nav>
      {view === 'log' ? <Log job={id} active={active} location={status.logFileLocation} /> : view === 'items' ? <Items job={id} type={status.jobType} active={active} tick={status} /> : <Findings job={id} active={active} tick={status} />}
    </>
  );
}
