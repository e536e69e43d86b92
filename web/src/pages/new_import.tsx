import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { preview, startImport, startValidation, trySource, upload } from '../api';
import { fromDrop, fromFile, fromFolder, zipOf, type Dropped } from '../dropped';
import { bytes, number } from '../format';
import { keepPackage } from '../kept_packages';
import { watchJob } from '../live';
import { go } from '../router';
import { mayManage } from '../session';
import { problemsOf, SourceFields, SourceWay } from '../source_fields';
import { checkSource, emptySource, toDataSource, type SourceForm } from '../source_form';
import { announce, Failure, Field, Heading, Icon, Notice, ProgressBar, StateBadge } from '../ui';
import { isFinal, type DataSource, type Operation, type Preview, type ScheduleTime, type SourceAnswer } from '../types';

type Step =
  | { at: 'choose' }
  | { at: 'packing'; name: string; packed: number; of: number }
  | { at: 'sending'; name: string; sent: number; size: number }
  | { at: 'validating'; name: string; source: DataSource; job: string; operation: Operation };

// Outlives the page: one may look at something else while a package is being sent.
const step = signal<Step>({ at: 'choose' });
const failure = signal<unknown>(undefined);
const operation = signal<Operation>('import');
let stopper = new AbortController();

async function validate(source: DataSource, name: string): Promise<void> {
  const wanted = operation.value;
  const job = await startValidation({ dataSource: source, operation: wanted });
  step.value = { at: 'validating', name, source, job, operation: wanted };
  announce(`The validation of ${name} has started`);
}

async function take(dropped: Dropped): Promise<void> {
  stopper = new AbortController();
  failure.value = undefined;
  const name = 'zip' in dropped ? dropped.zip.name : dropped.name;
  try {
    if ('files' in dropped) step.value = { at: 'packing', name, packed: 0, of: dropped.files.length };
    const zip = await zipOf(dropped, (packed, of) => (step.value = { at: 'packing', name, packed, of }), stopper.signal);
    step.value = { at: 'sending', name, sent: 0, size: zip.size };
    announce(`Sending ${name}`);
    const path = await upload(zip, sent => (step.value = { at: 'sending', name, sent: Math.min(sent, zip.size), size: zip.size }), stopper.signal);
    keepPackage(path, zip, name);
    await validate({ type: 'Shared file path', path }, name);
  } catch (error) {
    if (!stopper.signal.aborted) failure.value = error;
    step.value = { at: 'choose' };
  }
}

function start(get: () => Dropped | Promise<Dropped>): void {
  Promise.resolve().then(get).then(take, (error: Error) => (failure.value = error));
}

function DropZone(): JSX.Element {
  const [over, setOver] = useState(false);
  const zip = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => folder.current?.setAttribute('webkitdirectory', ''), []);
  return (
    <section class={`drop${over ? ' over' : ''}`} aria-labelledby="drop-heading"
      onDragOver={event => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        const { dataTransfer } = event;
        if (dataTransfer) start(() => fromDrop(dataTransfer));
      }}>
      <Icon name="upload" />
      <h2 id="drop-heading">Drop a package here</h2>
      <p class="quiet-text">A zip or a folder with <code>knowledgehub/</code>. It is checked first; nothing is written until you say so.</p>
      <div class="actions">
        <button type="button" class="button primary" onClick={() => zip.current?.click()}>Choose a zip</button>
        <button type="button" class="button" onClick={() => folder.current?.click()}>Choose a folder</button>
      </div>
      <input ref={zip} type="file" accept=".zip" hidden data-testid="zip-input" onChange={event => {
        const [file] = event.currentTarget.files ?? [];
        if (file) start(() => fromFile(file));
        event.currentTarget.value = '';
      }} />
      <input ref={folder} type="file" hidden data-testid="folder-input" onChange={event => {
        const list = event.currentTarget.files;
        if (list && list.length > 0) start(() => fromFolder(list));
      }} />
    </section>
  );
}

/** Brings the reader to the first field that has to be corrected. */
const showProblem = (): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
};

function FromPath(): JSX.Element {
  const [form, setForm] = useState<SourceForm>(emptySource);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<unknown>();
  const [busy, setBusy] = useState<'access' | 'package'>();
  const [way, setWay] = useState<SourceAnswer>();
  const asking = useRef(new AbortController());
  useEffect(() => () => asking.current.abort(), []);
  const problems = tried ? checkSource(form) : form.path.length > 8 ? { path: checkSource(form).path } : {};
  const change = (next: SourceForm): void => {
    asking.current.abort();
    setForm(next);
    setRefused(undefined);
    setWay(undefined);
  };
  const ask = async (what: 'access' | 'package', work: () => Promise<void>): Promise<void> => {
    setTried(true);
    setRefused(undefined);
    setWay(undefined);
    if (Object.values(checkSource(form)).some(Boolean)) return showProblem();
    setBusy(what);
    try {
      await work();
    } catch (error) {
      if ((error as Error).name !== 'AbortError') setRefused(error);
    }
    setBusy(undefined);
  };
  const access = (): Promise<void> => ask('access', async () => {
    asking.current = new AbortController();
    setWay(await trySource(toDataSource(form), asking.current.signal));
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void ask('package', () => validate(toDataSource(form), form.path.trim()));
  };
  const fromServer = problemsOf(refused);
  return (
    <section class="card" aria-labelledby="path-heading">
      <h2 id="path-heading">From where it lies</h2>
      <form noValidate onSubmit={submit}>
        <SourceFields form={form} set={change} problems={{ ...fromServer, ...Object.fromEntries(Object.entries(problems).filter(([, text]) => text)) }} />
        {refused && Object.keys(fromServer).length === 0 ? <Failure error={refused} what="The server refused this." /> : null}
        <div role="status">{busy === 'access' ? <p class="quiet-text">The server goes there and looks …</p> : way ? <SourceWay answer={way} /> : null}</div>
        <div class="actions">
          <button type="submit" class="button primary" disabled={busy !== undefined}>{busy === 'package' ? 'Asking the server …' : 'Check the package'}</button>
          <button type="button" class="button" disabled={busy !== undefined} onClick={() => void access()}>Test access</button>
        </div>
      </form>
    </section>
  );
}

function Sending({ name, value, total, text, what }: { name: string; value: number; total: number; text: string; what: string }): JSX.Element {
  return (
    <section class="card" aria-labelledby="sending-heading">
      <h2 id="sending-heading">{what} {name}</h2>
      <ProgressBar label={`${what} ${name}`} value={value} total={total} />
      <p class="quiet-text">{text}</p>
      <button type="button" class="button" onClick={() => { stopper.abort(); step.value = { at: 'choose' }; }}>Stop</button>
    </section>
  );
}

const OperationChoice = ({ change }: { change?: () => void }): JSX.Element => (
  <fieldset class="choices">
    <legend>Articles that are in the knowledge base already with other content</legend>
    {([['import', 'Leave as they are, and report them (import)'], ['reimport', 'Update to the package’s version (reimport)']] as const).map(([value, text]) => (
      <label key={value}>
        <input type="radio" name="operation" checked={operation.value === value} onChange={() => { operation.value = value; change?.(); }} />{text}
      </label>
    ))}
  </fieldset>
);

interface Times { begin: string; stop: string } // as datetime-local has them: in the reader's zone

/** When the import is to begin, and by when to end; without either it begins at once. */
function TimeFields({ times, set }: { times: Times; set: (times: Times) => void }): JSX.Element {
  const field = (name: keyof Times, label: string, hint: string): JSX.Element => (
    <Field label={label} hint={times[name] ? `${new Date(times[name]).toISOString().slice(0, 16).replace('T', ' ')} UTC` : hint}>
      {attributes => <input {...attributes} type="datetime-local" value={times[name]} onInput={event => set({ ...times, [name]: event.currentTarget.value })} />}
    </Field>
  );
  return (
    <details class="later">
      <summary>Import at another time</summary>
      <div class="field-grid">
        {field('begin', 'Begin at', 'Empty: at once. At most 7 days ahead.')}
        {field('stop', 'Stop at the latest', 'Empty: when it is done. What is done by then stays.')}
      </div>
    </details>
  );
}

function scheduleOf({ begin, stop }: Times): { scheduleTime?: ScheduleTime } {
  const at = (text: string): string => new Date(text).toISOString();
  return begin || stop ? { scheduleTime: { ...(begin ? { date: at(begin) } : {}), ...(stop ? { stopDate: at(stop) } : {}) } } : {};
}

const WOULD: [keyof Preview['counts'], string][] = [['created', 'would be made'], ['updated', 'would be updated'], ['unchanged', 'would stay as they are'], ['refused', 'would be refused']];

/** What an import would do, in numbers; each leads to its items. */
const Would = ({ job, found }: { job: string; found: Preview }): JSX.Element => (
  <dl class="would" aria-label="What an import would do">
    {WOULD.map(([outcome, text]) => (
      <div key={outcome}>
        <dt>{text}</dt>
        <dd><a href={`/console/jobs/${job}/items?outcome=${outcome}`}>{number(found.counts[outcome] ?? 0)}</a></dd>
      </div>
    ))}
  </dl>
);

function Validated({ name, source, job, wanted }: { name: string; source: DataSource; job: string; wanted: Operation }): JSX.Element {
  const live = useMemo(() => watchJob(job), [job]);
  useEffect(() => live.stop, [live]);
  const [would, setWould] = useState<Preview>();
  const [times, setTimes] = useState<Times>({ begin: '', stop: '' });
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>();
  const status = live.value.value;
  const results = status?.results;
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setRefused(undefined);
    try {
      await work();
    } catch (error) {
      setRefused(error);
    }
    setBusy(false);
  };
  const start = (): Promise<void> => run(async () => {
    const started = await startImport({ dataSource: source, operation: wanted, ...scheduleOf(times) });
    step.value = { at: 'choose' };
    go(`/console/jobs/${started}`);
  });
  const fine = status?.status === 'Successful';
  const can = (results?.successful ?? 0) + (results?.warnings ?? 0);
  useEffect(() => {
    if (!status || !isFinal(status)) return;
    announce(`The check has ended: ${status.status}. ${results ? `${results.errors} errors, ${results.warnings} with warnings` : ''}`);
    preview(job).then(setWould, () => undefined);
  }, [status?.status]);
  return (
    <section class="card" aria-labelledby="validated-heading">
      <div class="card-head"><h2 id="validated-heading">Check of {name}</h2>{status ? <StateBadge state={status.status} /> : null}</div>
      <ProgressBar label={`Check of ${name}`} {...(status?.progress ? { value: status.progress.processed, total: status.progress.total } : status && isFinal(status) ? { value: 0, total: 1 } : {})} />
      {live.failure.value ? <Failure error={live.failure.value} what="No news of the check at the moment." retry={live.again} /> : null}
      {!status || !isFinal(status) ? <p class="quiet-text">{status?.progress ? `${number(status.progress.processed)} of ${number(status.progress.total)} items` : (status?.currentOperation ?? 'Waiting for a worker')}</p> : null}
      {status?.error ? <Notice tone="bad" title={status.error}><p>See the findings for where and what to do.</p></Notice> : null}
      {fine && results ? (
        <Notice tone={results.errors > 0 ? 'bad' : results.warnings > 0 ? 'warn' : 'good'}
          title={results.errors > 0 ? `${number(results.errors)} of ${number(can + results.errors)} items have errors` : results.warnings > 0 ? `All ${number(can)} items can be imported; ${number(results.warnings)} are worth a look` : `All ${number(can)} items are fine`}>
          <p>{results.errors > 0 ? 'Those would be left out. Look at the findings, correct the package, and drop it again; or import the rest.' : 'Nothing has been written yet.'}</p>
        </Notice>
      ) : null}
      {would ? <Would job={job} found={would} /> : null}
      {fine ? <OperationChoice change={() => void run(() => validate(source, name))} /> : null}
      {fine ? <TimeFields times={times} set={setTimes} /> : null}
      {refused ? <Failure error={refused} what="That could not be started." /> : null}
      <div class="actions">
        {fine ? <button type="button" class="button primary" disabled={busy || can === 0} onClick={() => void start()}><Icon name="upload" />{wanted === 'import' ? 'Import' : 'Reimport'} {number(can)} items</button> : null}
        <a class="button" href={`/console/jobs/${job}`}>See the findings</a>
        <button type="button" class="button quiet" onClick={() => (step.value = { at: 'choose' })}>Another package</button>
      </div>
    </section>
  );
}

export function NewImport(): JSX.Element {
  const now = step.value;
  const title = 'New import';
  if (!mayManage()) return <><Heading title={title} /><Notice tone="warn" title="Your client may read, not import."><p>Ask whoever runs the server for one with the scope knowledge.contentmgr.manage.</p></Notice></>;
  return (
    <>
      <Heading title={title} />
      {failure.value ? <Failure error={failure.value} what="This package cannot be taken." /> : null}
      {now.at === 'choose' ? <><div class="two"><DropZone /><FromPath /></div><OperationChoice /></> : null}
      {now.at === 'packing' ? <Sending what="Packing" name={now.name} value={now.packed} total={now.of} text={`${number(now.packed)} of ${number(now.of)} files`} /> : null}
      {now.at === 'sending' ? <Sending what="Sending" name={now.name} value={now.sent} total={now.size} text={`${bytes(now.sent)} of ${bytes(now.size)}`} /> : null}
      {now.at === 'validating' ? <Validated key={now.job} name={now.name} source={now.source} job={now.job} wanted={now.operation} /> : null}
    </>
  );
}
