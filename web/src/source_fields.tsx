// The fields of a source: those that its kind has.

import type { JSX } from 'preact';
import { ApiFailure } from './api';
import { emptySource, sourceKind, type SourceForm, type SourceProblems } from './source_form';
import type { SourceAnswer, SourceStep } from './types';
import { Field, Icon } from './ui';

export function SourceFields({ form, set, problems }: { form: SourceForm; set: (form: SourceForm) => void; problems: SourceProblems }): JSX.Element {
  const kind = sourceKind(form.path);
  const text = (name: keyof SourceForm, label: string, type: 'text' | 'password' = 'text', hint?: string): JSX.Element => (
    <Field label={label} hint={hint} error={problems[name]}>
      {attributes => <input {...attributes} type={type} autocomplete="off" spellcheck={false} autocapitalize="off" value={form[name]} onInput={event => set({ ...form, [name]: event.currentTarget.value })} />}
    </Field>
  );
  return (
    <>
      {text('path', 'Path', 'text', 's3://bucket/folder, sftp://host/path or file:///mount/path; a .zip, or a folder that is a package or holds one zip')}
      {kind === 's3' ? (
        <div class="field-grid">
          {text('region', 'Region', 'text', 'Empty: the server’s')}
          {text('accessKeyId', 'Access key id')}
          {text('secretAccessKey', 'Secret access key', 'password')}
          {text('sessionToken', 'Session token', 'password', 'Only with temporary keys')}
        </div>
      ) : null}
      {kind === 'sftp' ? (
        <>
          <div class="field-grid">
            {text('username', 'User name')}
            {text('password', 'Password', 'password', 'Or a private key below')}
          </div>
          <Field label="Private key" hint="The text of the key file, -----BEGIN … to END-----" error={problems.privateKey}>
            {attributes => <textarea {...attributes} rows={3} spellcheck={false} value={form.privateKey} onInput={event => set({ ...form, privateKey: event.currentTarget.value })} />}
          </Field>
          {form.privateKey ? text('passphrase', 'Passphrase of the key', 'password', 'Empty: it has none') : null}
        </>
      ) : null}
      {kind ? <p class="hint">{kind === 'file' ? 'The server reads it below the folders that its operator allowed.' : 'Credentials are sealed on the server, used by this job alone and wiped when it ends.'}</p> : null}
    </>
  );
}

const STEPS: Record<SourceStep['what'], string> = { connection: 'Connection', listing: 'What lies there', clock: 'Clock', package: 'Package' };

/** What the server met on its way to the package, step by step. */
export const SourceWay = ({ answer }: { answer: SourceAnswer }): JSX.Element => (
  <div class="way">
    <p class="notice-title">{answer.fine ? 'The server gets at the package' : 'The server does not get at the package'}</p>
    <ol>
      {answer.checks.map(({ what, fine, found, advice }) => (
        <li key={what} class={fine ? 'good' : 'bad'}>
          <Icon name={fine ? 'check' : 'cross'} />
          <div>
            <strong>{STEPS[what]}</strong>{fine ? null : <span class="visually-hidden"> failed</span>}: {found}
            {advice ? <p>{advice}</p> : null}
          </div>
        </li>
      ))}
    </ol>
  </div>
);

/** What the server's refusal says about a field, by its name. */
export function problemsOf(error: unknown): SourceProblems {
  if (!(error instanceof ApiFailure)) return {};
  const found: SourceProblems = {};
  for (const { key } of error.details) {
    const name = key.split('.').pop() as keyof SourceForm;
    if (name in emptySource) found[name] = error.message;
  }
  return found;
}
