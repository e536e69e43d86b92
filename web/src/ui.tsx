// The parts that every page is put together from.

import { Fragment, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { signal } from '@preact/signals';
import { ApiFailure } from './api';
import { moment } from './format';
import { steps } from './router';
import type { Severity, State } from './types';

// what is said to those who do not see the page

const said = signal('');

/** Tells a screen reader, politely. */
export function announce(text: string): void {
  said.value = '';
  setTimeout(() => (said.value = text), 50);
}

export const Announcer = (): JSX.Element => (
  <div class="visually-hidden" role="status" aria-live="polite">{said}</div>
);

/** A page's heading: it names the tab, and takes the focus where the page was gone to. */
export function Heading({ title, children, tab }: { title: string; tab?: string; children?: ComponentChildren }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${tab ?? title} · Waybill`;
  }, [tab, title]);
  useEffect(() => {
    if (steps.value > 0) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="heading">
      <h1 tabIndex={-1} ref={heading}>{title}</h1>
      {children}
    </div>
  );
}

// pictures

const PATHS: Record<string, string> = {
  jobs: 'M4 6h16M4 12h16M4 18h10',
  add: 'M12 5v14M5 12h14',
  book: 'M5 4h10a4 4 0 0 1 4 4v12H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM20 20l-4-4',
  server: 'M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01',
  docs: 'M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  warn: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  cross: 'M6 6l12 12M18 6L6 18',
  note: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 11v5M12 8h.01',
  clock: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4l3 2',
  run: 'M12 4a8 8 0 1 1-8 8',
  stop: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM8.500 12h7',
  folder: 'M3 6h6l2 2h10v11H3z',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  topic: 'M12 5v5M6 19v-4h12v4M12 10v5M12 3h.01',
  portal: 'M4 5h16v14H4zM4 9h16M8 7h.01',
  clip: 'M17 8l-7.500 7.500a2 2 0 0 0 3 3L20 11a4 4 0 0 0-6-6l-8 8a6 6 0 0 0 9 8',
  upload: 'M12 16V5M7 10l5-5 5 5M5 19h14',
  undo: 'M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6v1',
  out: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
  sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5',
  next: 'M9 6l6 6-6 6',
};

export const Icon = ({ name }: { name: keyof typeof PATHS }): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={PATHS[name]} /></svg>
);

// states

const STATES: Record<State, [string, string]> = {
  Scheduled: ['clock', 'quiet'],
  'In Progress': ['run', 'accent'],
  Successful: ['check', 'good'],
  Failed: ['cross', 'bad'],
  Cancelled: ['stop', 'quiet'],
};

export const StateBadge = ({ state }: { state: State }): JSX.Element => {
  const [icon, tone] = STATES[state] ?? ['note', 'quiet'];
  return <span class={`badge ${tone}${state === 'In Progress' ? ' turning' : ''}`}><Icon name={icon} />{state}</span>;
};

const SEVERITIES: Record<Severity, [string, string, string]> = {
  error: ['cross', 'bad', 'Error'],
  warning: ['warn', 'warn', 'Warning'],
  remark: ['note', 'quiet', 'Remark'],
};

export const SeverityBadge = ({ severity }: { severity: Severity }): JSX.Element => {
  const [icon, tone, text] = SEVERITIES[severity];
  return <span class={`badge ${tone}`}><Icon name={icon} />{text}</span>;
};

export function ProgressBar({ label, value, total, tone }: { label: string; value?: number; total?: number; tone?: string }): JSX.Element {
  const known = value !== undefined && total !== undefined;
  const share = known && total > 0 ? Math.min(1, value / total) : known ? 1 : 0;
  return (
    <div class={`progress ${tone ?? ''}${known ? '' : ' unknown'}`} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100}
      {...(known ? { 'aria-valuenow': Math.floor(share * 100), 'aria-valuetext': `${Math.floor(share * 100)} %` } : {})}>
      <div class="progress-fill" style={{ transform: `scaleX(${known ? share : 1})` }} />
    </div>
  );
}

/** A time in the reader's zone, UTC beside. */
export function When({ time, compact }: { time: string; compact?: boolean }): JSX.Element {
  const { local, zone, utc } = moment(time);
  const same = zone === 'UTC';
  return (
    <time dateTime={time} class={`when${compact ? ' compact' : ''}`} title={utc}>
      <span class="when-local">{local}{same ? ' UTC' : ''}</span>
      {same ? null : <span class="when-utc">{utc}</span>}
    </time>
  );
}

/** A path, which may be broken after each of its names. */
export const Path = ({ text, quiet }: { text: string; quiet?: boolean }): JSX.Element => (
  <span class={`path${quiet ? ' quiet-text' : ''}`}>{text.split(/(?<=[/:])/).map((part, index) => <Fragment key={index}>{index > 0 ? <wbr /> : null}{part}</Fragment>)}</span>
);

// notices

type Tone = 'bad' | 'warn' | 'good' | 'quiet';

export const Notice = ({ tone, title, children, actions }: { tone: Tone; title: string; children?: ComponentChildren; actions?: ComponentChildren }): JSX.Element => (
  <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
    <Icon name={tone === 'bad' ? 'cross' : tone === 'warn' ? 'warn' : tone === 'good' ? 'check' : 'note'} />
    <div class="notice-body">
      <p class="notice-title">{title}</p>
      {children ? <div>{children}</div> : null}
      {actions ? <div class="actions">{actions}</div> : null}
    </div>
  </div>
);

const ADVICE: Record<number, string> = {
  0: 'Check that the server runs and that you are connected.',
  403: 'Your client lacks the scope for this. Ask whoever runs the server.',
  404: 'It may have been removed, or belong to another department. Check the address.',
  412: 'Your client belongs to no department: have the operator make one that does.',
  503: 'The server is busy or starting. Wait a moment.',
};

/** Whatever went wrong, with what to do. */
export function Failure({ error, what, retry }: { error: unknown; what: string; retry?: () => void }): JSX.Element {
  const failure = error instanceof ApiFailure ? error : null;
  const text = failure?.message ?? (error instanceof Error ? error.message : String(error));
  return (
    <Notice tone="bad" title={what} actions={retry ? <button type="button" class="button" onClick={retry}>Try again</button> : undefined}>
      <p>{text}</p>
      {failure && ADVICE[failure.status] ? <p>{ADVICE[failure.status]}</p> : null}
      {failure && failure.code !== 'unreachable' ? <p class="quiet-text">Code {failure.code}</p> : null}
    </Notice>
  );
}

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
  </div>
);

export const Waiting = ({ what }: { what: string }): JSX.Element => (
  <div class="waiting" role="status"><span class="waiting-dot" aria-hidden="true" />{what}</div>
);

// forms

let lastId = 0;
export function useId(prefix: string): string {
  const id = useRef('');
  if (!id.current) id.current = `${prefix}-${(lastId += 1)}`;
  return id.current;
}

interface FieldProps { label: string; hint?: ComponentChildren; error?: string | undefined; children: (attributes: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean | undefined }) => JSX.Element }

export function Field({ label, hint, error, children }: FieldProps): JSX.Element {
  const id = useId('field');
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error ? true : undefined })}
      {hint ? <p class="hint" id={`${id}-hint`}>{hint}</p> : null}
      {error ? <p class="field-error" id={`${id}-error`}><Icon name="cross" />{error}</p> : null}
    </div>
  );
}

/** Asks before something is done; the native dialog keeps the focus and closes by Escape. */
export function Confirm({ title, children, action, danger, onConfirm, onClose, busy }: {
  title: string; children: ComponentChildren; action: string; danger?: boolean; busy?: boolean; onConfirm: () => void; onClose: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId('dialog');
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement as HTMLElement | null;
    if (shown && !shown.open) shown.showModal();
    return () => {
      if (shown?.open) shown.close();
      before?.focus?.();
    };
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      <div class="dialog-body">{children}</div>
      <div class="actions end">
        <button type="button" class="button" onClick={onClose}>Not now</button>
        <button type="button" class={`button ${danger ? 'danger' : 'primary'}`} disabled={busy} onClick={onConfirm}>{action}</button>
      </div>
    </dialog>
  );
}

/** Hands bytes to the browser as a file to save. */
export function save(blob: Blob, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(blob);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

export function CopyButton({ text, label }: { text: string; label: string }): JSX.Element {
  return (
    <button type="button" class="button small" onClick={() => {
      void navigator.clipboard.writeText(text).then(() => announce('Copied'), () => announce('Copying is not allowed here'));
    }}>{label}</button>
  );
}
