// Who is signed in. The token lives in sessionStorage, so that it survives a reload and ends with the tab; a client's
// secret stays in memory alone, where it renews the token.

import { signal } from '@preact/signals';

export interface Session {
  token: string;
  expires: number; // milliseconds since 1970
  scope: string;
  name: string; // the client's id, or what the issuer calls the person
}

export interface PublicSettings { version: string; issuer?: string; clientId?: string; scope?: string }

const KEY = 'waybill.session';
const SOON = 60_000; // renew when less than this is left

export const session = signal<Session | null>(restore());
/** Why the sign-in page is shown; empty at first. */
export const signedOutBecause = signal('');
export const lastName = signal(session.value?.name ?? '');

let secret: { id: string; secret: string } | null = null;
let renewing: Promise<void> | null = null;

function restore(): Session | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Session | null;
    return kept && kept.expires > Date.now() ? kept : null;
  } catch {
    return null;
  }
}

export function keep(next: Session | null): void {
  session.value = next;
  if (next) {
    lastName.value = next.name;
    sessionStorage.setItem(KEY, JSON.stringify(next));
  } else {
    sessionStorage.removeItem(KEY);
  }
}

export function signOut(because = ''): void {
  secret = null;
  signedOutBecause.value = because;
  keep(null);
}

export const mayManage = (): boolean => /(^|[ .:/])knowledge\.contentmgr\.manage( |$)/.test(session.value?.scope ?? '') || session.value?.scope === '';

interface TokenAnswer { access_token: string; expires_in: number; scope?: string; id_token?: string }

export class SignInError extends Error {}

async function fetchToken(id: string, clientSecret: string): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch('/oauth2/v2.0/token', {
      method: 'POST',
      headers: { 'Accept-Language': 'en-US' },
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: clientSecret }),
    });
  } catch {
    throw new SignInError('The server cannot be reached. Check that it runs and that you are connected, then try again.');
  }
  const body = (await answer.json().catch(() => ({}))) as Partial<TokenAnswer> & { error?: string; error_description?: string };
  if (!answer.ok || !body.access_token) {
    throw new SignInError(
      body.error === 'invalid_client'
        ? 'The client id or the secret is wrong. Check both; a lost secret is replaced by “waybill client create”.'
        : (body.error_description ?? `The server refused to sign you in (${answer.status}).`),
    );
  }
  keep({ token: body.access_token, expires: Date.now() + (body.expires_in ?? 0) * 1000, scope: body.scope ?? '', name: id });
}

export async function signIn(id: string, clientSecret: string): Promise<void> {
  await fetchToken(id, clientSecret);
  secret = { id, secret: clientSecret };
  signedOutBecause.value = '';
}

/** A token that is good for a while yet; null where nobody is signed in any more. */
export async function token(): Promise<string | null> {
  const now = session.value;
  if (now && now.expires - Date.now() > SOON) return now.token;
  if (secret) {
    const { id, secret: kept } = secret;
    renewing ??= fetchToken(id, kept).finally(() => (renewing = null));
    await renewing.catch(() => undefined);
  }
  const renewed = session.value;
  if (renewed && renewed.expires > Date.now()) return renewed.token;
  if (renewed) signOut('Your session has ended. Sign in again to go on where you were.');
  return null;
}

export async function publicSettings(): Promise<PublicSettings> {
  const answer = await fetch('/console/config.json');
  return (await answer.json()) as PublicSettings;
}
