// The API as functions. Every failure is an ApiFailure that says, to the person at the screen, what happened and what to do.

import { session, signOut, token } from './session';
import type {
  Article, DataSource, Finding, FindingSummary, Folder, Health, Item, ItemDetail, Job, JobStatus, Operation, Portal, Preview, Revision, ScheduleTime,
  SearchHit, SourceAnswer, Topic,
} from './types';

export const BASE = '/knowledge/contentmgr/v4';
// The API refuses a language that it does not have, and the reader's may be any; the console speaks English alone.
const LANGUAGE = { 'Accept-Language': 'en-US' };

export class ApiFailure extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string,
    message: string,
    readonly details: { key: string; value: string }[] = [],
  ) {
    super(message);
  }
}

interface Options { query?: Record<string, string | number | undefined>; headers?: Record<string, string>; json?: unknown; signal?: AbortSignal }

export function url(path: string, query: Options['query'] = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== '');
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return `${BASE}${path}${text ? `?${text}` : ''}`;
}

export async function failureOf(answer: Response): Promise<ApiFailure> {
  const body = (await answer.json().catch(() => null)) as { code?: string; developerMessage?: string; details?: { key: string; value: string }[] } | null;
  return new ApiFailure(answer.status, body?.code ?? `${answer.status}`, body?.developerMessage ?? `The server answered ${answer.status}.`, body?.details);
}

/** Any answer below 400, or 304. */
export async function call(method: string, path: string, options: Options = {}): Promise<Response> {
  const bearer = await token();
  if (!bearer) throw new ApiFailure(401, '401-101', 'You are signed out. Sign in again.');
  const headers: Record<string, string> = { Authorization: `Bearer ${bearer}`, ...LANGUAGE, ...options.headers };
  const init: RequestInit = { method, headers, signal: options.signal ?? null };
  if (options.json !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(options.json);
  }
  let answer: Response;
  try {
    answer = await fetch(url(path, options.query), init);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiFailure(0, 'unreachable', 'The server cannot be reached. The page tries again by itself.');
  }
  if (answer.ok || answer.status === 304) return answer;
  const failure = await failureOf(answer);
  if (answer.status === 401 && session.value?.token === bearer) signOut('The server no longer accepts your session. Sign in again to go on where you were.');
  throw failure;
}

async function json<T>(path: string, query?: Options['query'], signal?: AbortSignal): Promise<T> {
  const answer = await call('GET', path, { query: query ?? {}, ...(signal ? { signal } : {}) });
  return (await answer.json()) as T;
}

const jobPath = (id: string): string => `/import/content/${encodeURIComponent(id)}`;

// jobs

export interface JobFilter { q?: string; status?: string; jobType?: string; from?: string }

export const listJobs = (query: JobFilter & { limit?: number; after?: string }, signal?: AbortSignal) =>
  json<{ jobs: Job[]; next?: string }>('/import/content', { ...query }, signal);

/** A job as the list has it, with what was asked for: a status alone does not tell. Other jobs may name its id, too. */
export const findJob = async (id: string): Promise<Job | undefined> =>
  (await listJobs({ q: id, limit: 100 })).jobs.find(job => job.id.toUpperCase() === id.toUpperCase());

export interface StatusAnswer { status: JobStatus | null; etag: string }

/** null where nothing has changed since `etag`. */
export async function jobStatus(id: string, etag: string, wait: number, signal: AbortSignal): Promise<StatusAnswer> {
  const headers: Record<string, string> = {};
  if (etag) headers['If-None-Match'] = etag;
  if (wait > 0) headers['Prefer'] = `wait=${wait}`;
  const answer = await call('GET', `${jobPath(id)}/status`, { headers, signal });
  return { status: answer.status === 304 ? null : ((await answer.json()) as JobStatus), etag: answer.headers.get('ETag') ?? '' };
}

/** Server-sent events of a job after `last`, without the findings; the caller reads the body. */
export const openEvents = (id: string, last: string, signal: AbortSignal): Promise<Response> =>
  call('GET', `${jobPath(id)}/events`, { query: { findings: 'false' }, headers: last ? { 'Last-Event-ID': last } : {}, signal });

export interface FindingQuery { severity?: string; rule?: string; q?: string; file?: string }

export const findings = (id: string, query: FindingQuery & { limit?: number; after?: number; summary?: 'true' }, signal?: AbortSignal) =>
  json<{ findings: Finding[]; next?: number; summary?: FindingSummary }>(`${jobPath(id)}/findings`, { ...query }, signal);

/** Every finding that fits, in a form for other programs. */
export const exportFindings = async (id: string, query: FindingQuery, type: string): Promise<Blob> =>
  (await call('GET', `${jobPath(id)}/findings`, { query: { ...query }, headers: { Accept: type } })).blob();

// what a job does to the knowledge base, or would

export const preview = (id: string, signal?: AbortSignal) => json<Preview>(`${jobPath(id)}/preview`, {}, signal);
export const items = (id: string, query: { outcome?: string; kind?: string; q?: string; limit?: number; after?: number }, signal?: AbortSignal) =>
  json<{ items: Item[]; next?: number }>(`${jobPath(id)}/items`, query, signal);
export const item = (id: string, number: number, signal?: AbortSignal) => json<ItemDetail>(`${jobPath(id)}/items/${number}`, {}, signal);

/** Part of the log from `from` on; negative: so many bytes of its end. */
export async function logPart(id: string, from: number, signal?: AbortSignal): Promise<{ bytes: Uint8Array; start: number; size: number }> {
  const range = from < 0 ? `bytes=${from}` : `bytes=${from}-`;
  let answer: Response;
  try {
    answer = await call('GET', `${jobPath(id)}/log`, { headers: { Range: range }, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 416) return { bytes: new Uint8Array(), start: Math.max(0, from), size: Math.max(0, from) };
    throw error;
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const content = /bytes (\d+)-\d+\/(\d+)/.exec(answer.headers.get('Content-Range') ?? '');
  return { bytes, start: content ? Number(content[1]) : 0, size: content ? Number(content[2]) : bytes.length };
}

export const wholeLog = async (id: string): Promise<Blob> => (await call('GET', `${jobPath(id)}/log`)).blob();

function jobIdOf(answer: Response): string {
  const found = /content\/([^/]+)\/status$/.exec(answer.headers.get('Location') ?? '');
  if (!found) throw new ApiFailure(answer.status, 'no-location', 'The server did not say where the job is.');
  return decodeURIComponent(found[1]!);
}

interface Start { dataSource: DataSource; scheduleTime?: ScheduleTime }
// The same click twice, or a repeat after a broken connection, makes one job.
const once = (): Record<string, string> => ({ 'Idempotency-Key': crypto.getRandomValues(new Uint32Array(4)).join('-') });

export const startValidation = async (body: Start & { operation: Operation }): Promise<string> =>
  jobIdOf(await call('POST', '/import/content/validate', { json: body, headers: once() }));
export const startImport = async (body: Start & { operation: Operation }): Promise<string> =>
  jobIdOf(await call('POST', '/import/content', { json: body, headers: once() }));
export const cancelJob = (id: string) => call('POST', `${jobPath(id)}/cancel`);
export const retryJob = (id: string) => call('POST', `${jobPath(id)}/retry`);
/** Both return the id of the job that does it. */
export const undoJob = async (id: string): Promise<string> => jobIdOf(await call('POST', `${jobPath(id)}/undo`));
export const rerunFailed = async (id: string, dataSource?: DataSource): Promise<string> =>
  jobIdOf(await call('POST', `${jobPath(id)}/rerun-failed`, dataSource ? { json: { dataSource } } : {}));

/** Whether a job would get at a package; starts none. */
export const trySource = async (dataSource: DataSource, signal: AbortSignal): Promise<SourceAnswer> =>
  (await (await call('POST', '/import/sources/check', { json: { dataSource }, signal })).json()) as SourceAnswer;

/** Sends a package; `progress` is called with the bytes sent. */
export async function upload(body: Blob, progress: (sent: number) => void, signal: AbortSignal): Promise<string> {
  const bearer = await token();
  if (!bearer) throw new ApiFailure(401, '401-101', 'You are signed out. Sign in again.');
  return new Promise((resolve, reject) => {
    // fetch() does not tell how much of a body has gone.
    const request = new XMLHttpRequest();
    request.open('POST', url('/import/uploads'));
    request.setRequestHeader('Authorization', `Bearer ${bearer}`);
    request.setRequestHeader('Content-Type', 'application/zip');
    request.setRequestHeader('Accept-Language', LANGUAGE['Accept-Language']);
    request.upload.onprogress = event => progress(event.loaded);
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      if (request.status === 201) void answer.json().then((made: { path: string }) => resolve(made.path), reject);
      else void failureOf(answer).then(reject);
    };
    request.onerror = () => reject(new ApiFailure(0, 'unreachable', 'The connection broke while the package was being sent. Try again.'));
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

// the knowledge base

export const folders = (parent: string | undefined, after?: string, signal?: AbortSignal) =>
  json<{ folders: Folder[]; next?: string }>('/folders', { parent, after, limit: 500 }, signal);
export const articles = (folder: string | undefined, after?: string, signal?: AbortSignal) =>
  json<{ articles: Article[]; next?: string }>('/articles', { folder, after, limit: 100 }, signal);
export const topics = (parent: string | undefined, after?: string, signal?: AbortSignal) =>
  json<{ topics: Topic[]; next?: string }>('/topics', { parent, after, limit: 500 }, signal);
export const portals = (after?: string, signal?: AbortSignal) => json<{ portals: Portal[]; next?: string }>('/portals', { after, limit: 200 }, signal);
export const article = (id: string, signal?: AbortSignal) => json<Article>(`/articles/${encodeURIComponent(id)}`, {}, signal);
export const articleContent = async (id: string, signal?: AbortSignal): Promise<string> =>
  (await call('GET', `/articles/${encodeURIComponent(id)}/content`, signal ? { signal } : {})).text();
export const articleHistory = async (id: string, signal?: AbortSignal): Promise<Revision[]> =>
  (await json<{ revisions: Revision[] }>(`/articles/${encodeURIComponent(id)}/history`, {}, signal)).revisions;
export const attachment = async (id: string, index: number): Promise<Blob> =>
  (await call('GET', `/articles/${encodeURIComponent(id)}/attachments/${index}`)).blob();
export const resource = async (id: string, path: string, signal?: AbortSignal): Promise<Blob> =>
  (await call('GET', `/articles/${encodeURIComponent(id)}/resources/${encodeURIComponent(path)}`, signal ? { signal } : {})).blob();
export const search = (q: string, offset: number, signal?: AbortSignal) =>
  json<{ hits: SearchHit[]; nextOffset?: number }>('/search', { q, offset: offset || undefined, limit: 20 }, signal);

// the server

export async function health(): Promise<{ health: Health; took: number }> {
  const start = performance.now();
  let answer: Response;
  try {
    answer = await fetch(url('/import/content/health'), { headers: LANGUAGE });
  } catch {
    throw new ApiFailure(0, 'unreachable', 'The server cannot be reached. The page tries again by itself.');
  }
  const body = (await answer.json()) as Health;
  if (!body.components) throw new ApiFailure(answer.status, `${answer.status}`, 'The server is starting, or cannot tell how it is.');
  return { health: body, took: performance.now() - start };
}

/** What the server counts, in Prometheus' text format. */
export async function metricsText(): Promise<string> {
  const answer = await fetch('/metrics', { headers: LANGUAGE }).catch(() => {
    throw new ApiFailure(0, 'unreachable', 'The server cannot be reached. The page tries again by itself.');
  });
  if (!answer.ok) throw await failureOf(answer);
  return answer.text();
}
