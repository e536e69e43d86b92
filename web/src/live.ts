// Jobs as they go: status by long polls that name the last answer, so that no state is missed, and the samples that the
// plots of rates are drawn from.

import { signal, type Signal } from '@preact/signals';
import { ApiFailure, jobStatus, listJobs } from './api';
import { isFinal, type Job, type JobStatus } from './types';

const BUSY = 400; // milliseconds between looks at a job in progress
const HIDDEN = 3_000; // while nobody looks at the page
const AFTER_FAILURE = 2_000;
const HOLD = 25; // seconds that a poll of a scheduled job may be held

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

export function watchJob(id: string): Watch<JobStatus> {
  let etag = '';
  let last: JobStatus | undefined;
  return watch<JobStatus>(async (set, stop) => {
    const answer = await jobStatus(id, etag, last && last.status === 'Scheduled' ? HOLD : 0, stop);
    etag = answer.etag;
    if (answer.status) {
      last = answer.status;
      record(id, last);
      set(last);
    }
    if (!last || isFinal(last)) return null;
    return last.status === 'Scheduled' ? 50 : BUSY;
  });
}

export interface JobFilter { status?: string; jobType?: string }

/** The newest jobs, looked at often while one of them is under way. */
export function watchJobs(filter: JobFilter, limit: number): Watch<{ jobs: Job[]; next?: string }> {
  return watch(async (set, stop) => {
    const page = await listJobs({ ...filter, limit }, stop);
    for (const job of page.jobs) record(job.id, job);
    set(page);
    return page.jobs.some(job => !isFinal(job)) ? 1_000 : 4_000;
  });
}
