import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { cancelJob, preview, rerunFailed, retryJob, startImport, undoJob, upload } from '../api';
import { fromFile } from '../dropped';
import { number } from '../format';
import { keepPackage } from '../kept_packages';
import { go } from '../router';
import { mayManage } from '../session';
import { announce, Confirm, Failure, Icon, Waiting } from '../ui';
import { isFinal, type Job, type JobStatus, type Operation, type Preview } from '../types';

type Action = 'cancel' | 'retry' | 'import' | 'undo' | 'rest' | 'rerun';

interface Dialog { id: string; status: JobStatus; job: Job | undefined; busy: boolean; close: () => void; run: (work: () => Promise<unknown>, said: string) => void }

// Credentials are wiped when a job ends: only what needs none can be read again by one click.
const readableAgain = (job: Job | undefined): boolean => /^(upload|file):/i.test(job?.dataSource?.path ?? '');

/** What can be done with a job as it stands. */
function possible(status: JobStatus, job: Job | undefined): Action[] {
  const found: Action[] = [];
  const ended = isFinal(status);
  if (!ended) found.push('cancel');
  if ((status.status === 'Failed' && status.retryable) || status.status === 'Cancelled') found.push('retry');
  if (status.jobType === 'Validation' && status.status === 'Successful' && readableAgain(job)) found.push('import');
  if (status.jobType === 'Import' && ended && (status.results?.errors ?? 0) > 0) found.push('rerun');
  if (status.jobType === 'Undo' && status.status === 'Successful' && (status.results?.errors ?? 0) > 0 && job?.target) found.push('rest');
  if (status.jobType !== 'Validation' && ended && (status.progress?.processed ?? 0) > 0) found.push('undo');
  return found;
}

function Cancel({ id, status, ...dialog }: Dialog): JSX.Element {
  return (
    <Confirm title="Cancel this job?" action="Cancel the job" danger busy={dialog.busy} onClose={dialog.close} onConfirm={() => dialog.run(() => cancelJob(id), 'The job is being cancelled')}>
      {status.status === 'Scheduled' ? <p>It has not begun: nothing is read or written.</p> : status.jobType === 'Validation'
        ? <p>The item at hand is finished and no other begun. The findings so far stay.</p>
        : <p>The item at hand is finished and no other begun. The {number(status.progress?.processed ?? 0)} items processed so far stay as they are in the knowledge base. You can go on later from where it stopped.</p>}
    </Confirm>
  );
}

function Retry({ id, status, ...dialog }: Dialog): JSX.Element {
  return (
    <Confirm title="Go on with this job?" action="Go on" busy={dialog.busy} onClose={dialog.close} onConfirm={() => dialog.run(() => retryJob(id), 'The job goes on')}>
      <p>{status.progress?.processed ? `The same job goes on after the ${number(status.progress.processed)} items that it has processed. Nothing that is done is done twice.` : 'It had not come to the first item: the job begins now.'}{status.error ? ` What stopped it: ${status.error}` : ''}</p>
    </Confirm>
  );
}

function Import({ status, job, ...dialog }: Dialog): JSX.Element {
  const [operation, setOperation] = useState<Operation>(job?.operation ?? 'import');
  const begin = async (): Promise<void> => go(`/console/jobs/${await startImport({ dataSource: { ...job!.dataSource! }, operation })}`);
  return (
    <Confirm title="Import this package?" action={operation === 'import' ? 'Import' : 'Reimport'} busy={dialog.busy} onClose={dialog.close} onConfirm={() => dialog.run(begin, 'The import has started')}>
      <p>{number((status.results?.successful ?? 0) + (status.results?.warnings ?? 0))} items can be brought in; {number(status.results?.errors ?? 0)} have errors and will be left out.</p>
      <fieldset class="choices">
        <legend>Articles that are there already with other content</legend>
        <label><input type="radio" name="operation" checked={operation === 'import'} onChange={() => setOperation('import')} />Leave as they are (import)</label>
        <label><input type="radio" name="operation" checked={operation === 'reimport'} onChange={() => setOperation('reimport')} />Update to the package’s version (reimport)</label>
      </fieldset>
      <p>Either way nothing is deleted.</p>
    </Confirm>
  );
}

/** Says in numbers what the undo takes back, before it does. */
function Undo({ id, status, ...dialog }: Dialog): JSX.Element {
  const [did, setDid] = useState<Preview>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => { preview(id).then(setDid, setFailure); }, [id]);
  const redo = status.jobType === 'Undo';
  const made = did?.counts.created ?? 0;
  const changed = (did?.counts.updated ?? 0) + (did?.counts.removed ?? 0);
  const nothing = did !== undefined && made + changed === 0;
  const begin = async (): Promise<void> => go(`/console/jobs/${await undoJob(id)}`);
  return (
    <Confirm title={redo ? 'Take this undo back?' : 'Undo this import?'} action={redo ? 'Bring it back' : 'Undo the import'} danger busy={dialog.busy || !did || nothing} onClose={dialog.close} onConfirm={() => dialog.run(begin, 'The undo has started')}>
      {failure ? <Failure error={failure} what="What it did cannot be read." /> : !did ? <Waiting what="Counting what it did …" /> : nothing ? <p>The job changed nothing: there is nothing to take back.</p> : (
        <>
          <ul class="plain-list">
            {made > 0 ? <li><strong>{number(made)}</strong> {made === 1 ? 'item that it made goes' : 'items that it made go'}.</li> : null}
            {changed > 0 ? <li><strong>{number(changed)}</strong> {changed === 1 ? 'item that it changed returns' : 'items that it changed return'} to what {changed === 1 ? 'it was' : 'they were'} before.</li> : null}
          </ul>
          <p>What something newer has touched since is left as it is, and listed: undo the newer job first, or afterwards this one again. What was taken back already stays so. The undo is a job of its own and can itself be taken back.</p>
        </>
      )}
    </Confirm>
  );
}

/** An undo has left something: another of the same job takes it, once nothing newer lies above. */
function Rest({ status, job, ...dialog }: Dialog): JSX.Element {
  const left = status.results?.errors ?? 0;
  const begin = async (): Promise<void> => go(`/console/jobs/${await undoJob(job!.target!)}`);
  return (
    <Confirm title="Take back what was left?" action="Take the rest back" danger busy={dialog.busy} onClose={dialog.close} onConfirm={() => dialog.run(begin, 'The undo has started')}>
      <p>{number(left)} {left === 1 ? 'item was' : 'items were'} left, because something newer had touched {left === 1 ? 'it' : 'them'}. The findings name the newer jobs: undo those first. Whatever is still newer is left again.</p>
    </Confirm>
  );
}

/** The same package once more, or a corrected one; only what failed is run. */
function Rerun({ id, status, job, ...dialog }: Dialog): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [problem, setProblem] = useState('');
  const same = readableAgain(job);
  const choose = (chosen: File | undefined): void => {
    setProblem('');
    try {
      if (chosen) fromFile(chosen);
      setFile(chosen);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const begin = async (): Promise<void> => {
    let source: { type: 'Shared file path'; path: string } | undefined;
    if (file) {
      const path = await upload(file, () => undefined, new AbortController().signal);
      keepPackage(path, file, file.name);
      source = { type: 'Shared file path', path };
    }
    go(`/console/jobs/${await rerunFailed(id, source)}`);
  };
  const count = status.results?.errors ?? 0;
  return (
    <Confirm title="Run again what failed?" action="Run again" busy={dialog.busy || (!same && !file)} onClose={dialog.close} onConfirm={() => dialog.run(begin, 'The repair has started')}>
      <p>{number(count)} {count === 1 ? 'item was' : 'items were'} not done. Only {count === 1 ? 'it is' : 'they are'} run; everything else is left alone.</p>
      <div class="field">
        <span class="field-name">Package</span>
        <p>{file ? file.name : same ? 'The same as before' : 'Its credentials were wiped at the job’s end: choose the corrected package here, or start a new import from its path.'}</p>
        <div class="actions">
          <button type="button" class="button" onClick={() => input.current?.click()}>Choose a corrected zip</button>
          {file && same ? <button type="button" class="button quiet" onClick={() => setFile(undefined)}>Take the same</button> : null}
        </div>
        {problem ? <p class="field-error" role="alert"><Icon name="cross" />{problem}</p> : null}
        <input ref={input} type="file" accept=".zip" hidden data-testid="rerun-input" onChange={event => choose(event.currentTarget.files?.[0])} />
      </div>
    </Confirm>
  );
}

const DIALOGS: Record<Action, (dialog: Dialog) => JSX.Element> = { cancel: Cancel, retry: Retry, import: Import, undo: Undo, rest: Rest, rerun: Rerun };
const BUTTONS: Record<Action, [text: string, icon: string, look: string]> = {
  cancel: ['Cancel', 'stop', ''],
  retry: ['Go on', 'run', ''],
  import: ['Import this package', 'upload', ' primary'],
  rerun: ['Run again what failed', 'run', ''],
  rest: ['Take the rest back', 'undo', ''],
  undo: ['Undo', 'undo', ''],
};

export function JobActions({ id, status, job, again }: { id: string; status: JobStatus; job: Job | undefined; again: () => void }): JSX.Element | null {
  const [asked, setAsked] = useState<Action>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  if (!mayManage()) return null;
  const actions = possible(status, job);
  const close = (): void => setAsked(undefined);
  const run = (work: () => Promise<unknown>, said: string): void => {
    setBusy(true);
    setFailure(undefined);
    work().then(() => announce(said), setFailure).finally(() => {
      setBusy(false);
      close();
      again();
    });
  };
  const Asked = asked && DIALOGS[asked];
  return (
    <>
      {/* Keeps its height without a button: nothing jumps when the job ends. */}
      <div class="actions job-actions">
        {actions.map(action => {
          const [text, icon, look] = BUTTONS[action];
          return <button key={action} type="button" class={`button${look}`} onClick={() => setAsked(action)}><Icon name={icon} />{action === 'undo' && status.jobType === 'Undo' ? 'Bring it back' : text}</button>;
        })}
      </div>
      {failure ? <Failure error={failure} what="That did not work." /> : null}
      {Asked ? <Asked id={id} status={status} job={job} busy={busy} close={close} run={run} /> : null}
    </>
  );
}
