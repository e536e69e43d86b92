// Jobs as they go: by server-sent events that are taken up where they broke off, by polls where there are too many streams,
// and the samples that the plots of rates are drawn from.

import { signal, type Signal } from '@preact/signals';
import { ApiFailure, jobStatus, listJobs, openEvents, type JobFilter } from './api';
import { readEvents, type ServerEvent } from './events';
import { isFinal, type Job, type JobStatus } from './types';

const BUSY = 400; // milliseconds between looks at a job in progress
const HIDDEN = 3_000; // while nobody looks at the page
const AFTER_FAILURE = 2_000;
const RESUME = 500; // a stream that ended before its job
const HOLD = 25; // seconds that a poll of a scheduled job may be held
const SILENCE = 45_000; // the server says every 15 seconds that it is there

/** Progress over time: milliseconds since 1970, and items processed. */
export interface Samples { at: number[]; done: number[] }
const MOST_SAMPLES = 1_200;
const kept = new Map<string, Samples>();

export function samplesOf(id: string): Samples {
  let samples = kept.get(id);
  if (!samples) kept.set(id, (samples = { at: [], done: [] }));
  return samples;
}

export function record(id: string, status: JobStatus): void {
  if (!status.progress || status.status === 'Scheduled') return;
  const samples = samplesOf(id);
  const last = samples.done.length - 1;
  // A final state is looked at again and again: it is one sample.
  if (isFinal(status) && (last < 0 || samples.done[last] === status.progress.processed)) return;
  samples.at.push(Date.now());
  samples.done.push(status.progress.processed);
  if (samples.at.length > MOST_SAMPLES) {
    // Every other one goes: the whole course stays, more coarsely.
    const thin = (values: number[]): number[] => values.filter((_, index) => index % 2 === 0 || index === values.length - 1);
    samples.at = thin(samples.at);
    samples.done = thin(samples.done);
  }
}

/** Items a second over the last few seconds; undefined before it can be known. */
export function rateOf(id: string, over = 4_000): number | undefined {
  const { at, done } = samplesOf(id);
  const end = at.length - 1;
  if (end < 1) return undefined;
  let begin = end - 1;
  while (begin > 0 && at[end]! - at[begin]! < over) begin -= 1;
  const time = at[end]! - at[begin]!;
  return time < 300 ? undefined : ((done[end]! - done[begin]!) * 1000) / time;
}

/** Rates between samples that lie at least `step` milliseconds apart: for a plot. Seconds since 1970, items a second. */
export function ratesOf(id: string, step = 500): [number[], number[]] {
  const { at, done } = samplesOf(id);
  const times: number[] = [];
  const rates: number[] = [];
  let from = 0;
  for (let to = 1; to < at.length; to += 1) {
    const time = at[to]! - at[from]!;
    if (time < step) continue;
    times.push(at[to]! / 1000);
    rates.push(((done[to]! - done[from]!) * 1000) / time);
    from = to;
  }
  return [times, rates];
}

const pause = (milliseconds: number, stop: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });

export interface Watch<T> { value: Signal<T | undefined>; failure: Signal<ApiFailure | undefined>; again: () => void; stop: () => void }

/** Looks again and again with `look`, which returns how long to wait before the next time; null: it is over. */
function watch<T>(look: (set: (value: T) => void, stop: AbortSignal) => Promise<number | null>): Watch<T> {
  const value = signal<T | undefined>(undefined);
  const failure = signal<ApiFailure | undefined>(undefined);
  const all = new AbortController();
  let turn = new AbortController();
  const run = async (): Promise<void> => {
    const mine = turn;
    while (!mine.signal.aborted) {
      let wait: number | null;
      try {
        wait = await look(next => { if (!mine.signal.aborted) value.value = next; }, mine.signal);
        failure.value = undefined;
      } catch (error) {
        if (mine.signal.aborted) return;
        if (!(error instanceof ApiFailure)) throw error;
        failure.value = error;
        // What is not there, or not ours to see, does not come back by asking.
        if ([401, 403, 404, 412].includes(error.status)) return;
        wait = AFTER_FAILURE;
      }
      if (wait === null) return;
      await pause(document.hidden ? Math.max(wait, HIDDEN) : wait, mine.signal);
    }
  };
  const again = (): void => {
    if (all.signal.aborted) return;
    turn.abort();
    turn = new AbortController();
    void run();
  };
  const stop = (): void => {
    all.abort();
    turn.abort();
  };
  void run();
  return { value, failure, again, stop };
}

/** What one event makes of the last status; the same one where it says nothing of it. */
function after(last: JobStatus | undefined, event: ServerEvent): JobStatus | undefined {
  if (event.name === 'status') return JSON.parse(event.data) as JobStatus;
  if (event.name !== 'progress' || !last) return last;
  const { estimatedCompletion: _past, rate: _before, ...rest } = last;
  return { ...rest, ...(JSON.parse(event.data) as Partial<JobStatus>) };
}

/** Reads a job's events until the stream ends; true where the job has ended, too. */
async function follow(id: string, place: { last: string; status: JobStatus | undefined }, set: (status: JobStatus) => void, stop: AbortSignal): Promise<boolean> {
  const mine = new AbortController();
  const give = (): void => mine.abort();
  stop.addEventListener('abort', give, { once: true });
  let timer = setTimeout(give, SILENCE);
  let ended = false;
  try {
    const answer = await openEvents(id, place.last, mine.signal);
    await readEvents(answer.body!, event => {
      if (event.id) place.last = event.id;
      if (event.name === 'end') ended = true;
      const next = after(place.status, event);
      if (!next || next === place.status) return;
      place.status = next;
      record(id, next);
      set(next);
    }, () => {
      clearTimeout(timer);
      timer = setTimeout(give, SILENCE);
    });
  } catch (error) {
    if (error instanceof ApiFailure || stop.aborted) throw error;
    throw new ApiFailure(0, 'unreachable', 'The connection broke. The page tries again by itself.');
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', give);
  }
  return ended;
}

export function watchJob(id: string): Watch<JobStatus> {
  const place: { last: string; status: JobStatus | undefined } = { last: '', status: undefined };
  let etag = '';
  let polls = false;
  return watch<JobStatus>(async (set, stop) => {
    if (!polls) {
      try {
        return (await follow(id, place, set, stop)) ? null : RESUME;
      } catch (error) {
        if (!(error instanceof ApiFailure) || error.status !== 503) throw error;
        polls = true; // too many streams are open
      }
    }
    const answer = await jobStatus(id, etag, place.status?.status === 'Scheduled' ? HOLD : 0, stop);
    etag = answer.etag;
    if (answer.status) {
      place.status = answer.status;
      record(id, answer.status);
      set(answer.status);
    }
    if (!place.status || isFinal(place.status)) return null;
    return place.status.status === 'Scheduled' ? 50 : BUSY;
  });
}

/** The newest jobs, looked at often while one of them is under way. */
export function watchJobs(filter: JobFilter, limit: number): Watch<{ jobs: Job[]; next?: string }> {
  return watch(async (set, stop) => {
    const page = await listJobs({ ...filter, limit }, stop);
    for (const job of page.jobs) record(job.id, job);
    set(page);
    return page.jobs.some(job => !isFinal(job)) ? 1_000 : 4_000;
  });
}
