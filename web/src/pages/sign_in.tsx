import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { comeBack, leaveForIssuer } from '../pkce';
import { go, here } from '../router';
import { lastName, publicSettings, signedOutBecause, signIn, type PublicSettings } from '../session';
import { announce, Field, Heading, Notice, Waiting } from '../ui';

const isCallback = (): boolean => here.value.pathname === '/console/callback';

function ClientForm({ failed }: { failed: (text: string) => void }): JSX.Element {
  const [id, setId] = useState(lastName.value);
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    failed('');
    setBusy(true);
    try {
      await signIn(id.trim(), secret.trim());
      announce('Signed in');
    } catch (error) {
      failed((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={event => void submit(event)}>
      <Field label="Client id">
        {attributes => <input {...attributes} type="text" autocomplete="username" spellcheck={false} autocapitalize="off" required value={id} onInput={event => setId(event.currentTarget.value)} />}
      </Field>
      <Field label="Client secret" hint="It stays in this tab's memory and is never stored.">
        {attributes => <input {...attributes} type="password" autocomplete="current-password" required value={secret} onInput={event => setSecret(event.currentTarget.value)} />}
      </Field>
      <button type="submit" class="button primary wide" disabled={busy}>{busy ? 'Signing in …' : 'Sign in'}</button>
    </form>
  );
}

export function SignIn(): JSX.Element {
  const [settings, setSettings] = useState<PublicSettings>();
  const [failure, setFailure] = useState('');
  const [coming, setComing] = useState(isCallback());

  useEffect(() => {
    publicSettings().then(async found => {
      setSettings(found);
      if (!isCallback()) return;
      try {
        go(await comeBack(found, here.value.searchParams), true);
      } catch (error) {
        setFailure((error as Error).message);
        go('/console', true);
      }
      setComing(false);
    }).catch(() => setFailure('The server cannot be reached. Check that it runs, then load the page anew.'));
  }, []);

  const leave = (): void => {
    setFailure('');
    const back = here.value.pathname + here.value.search;
    if (settings) leaveForIssuer(settings, back).catch((error: Error) => setFailure(error.message));
  };

  return (
    <div class="sign-in">
      <Heading title="Sign in" />
      <p class="lead">Watch imports, see what is wrong in a package and where, and read what came in.</p>
      {signedOutBecause.value ? <Notice tone="quiet" title={signedOutBecause.value} /> : null}
      {failure ? <Notice tone="bad" title={failure} /> : null}
      {coming ? <Waiting what="Signing you in …" /> : settings?.issuer ? (
        <>
          <button type="button" class="button primary wide" onClick={leave}>Sign in at {new URL(settings.issuer).host}</button>
          <details class="other-way"><summary>Sign in as a client instead</summary><ClientForm failed={setFailure} /></details>
        </>
      ) : <ClientForm failed={setFailure} />}
      <details class="other-way">
        <summary>No client yet?</summary>
        <p>On the server's machine, an operator makes one; it prints id and secret once:</p>
        <pre class="code" tabIndex={0}><code>waybill client create --name me --department default --scope knowledge.contentmgr.manage</code></pre>
      </details>
    </div>
  );
}
