// Sign-in at an outside issuer: authorization code with PKCE (RFC 7636, S256), the issuer found by its metadata
// (OpenID Connect Discovery, RFC 8414).

import { keep, SignInError, type PublicSettings } from './session';

const KEY = 'waybill.sign-in';

interface Metadata { issuer: string; authorization_endpoint: string; token_endpoint: string }
interface Pending { verifier: string; state: string; token_endpoint: string; issuer: string; back: string }

const redirectUri = (): string => `${location.origin}/console/callback`;

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function metadata(issuer: string): Promise<Metadata> {
  const base = issuer.replace(/\/$/, '');
  for (const place of [`${base}/.well-known/openid-configuration`, `${base}/.well-known/oauth-authorization-server`]) {
    try {
      const answer = await fetch(place);
      if (!answer.ok) continue;
      const found = (await answer.json()) as Metadata;
      if (found.issuer.replace(/\/$/, '') !== base) throw new SignInError(`The issuer calls itself ${found.issuer}, but this server knows it as ${issuer}.`);
      return found;
    } catch (error) {
      if (error instanceof SignInError) throw error;
    }
  }
  throw new SignInError(`The issuer ${issuer} does not answer, or does not allow requests from this page. Ask whoever runs it.`);
}

/** Leaves the page for the issuer's; it comes back to /console/callback. */
export async function leaveForIssuer(settings: PublicSettings, back: string): Promise<void> {
  if (!settings.issuer || !settings.clientId) throw new SignInError('This server names no issuer to sign in at.');
  if (!crypto.subtle) throw new SignInError('Signing in this way needs HTTPS. Ask the operator to serve Waybill with a certificate.');
  const found = await metadata(settings.issuer);
  const pending: Pending = { verifier: random(), state: random(), token_endpoint: found.token_endpoint, issuer: found.issuer, back };
  const challenge = base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.verifier))));
  sessionStorage.setItem(KEY, JSON.stringify(pending));
  const to = new URL(found.authorization_endpoint);
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: redirectUri(),
    scope: settings.scope ?? 'openid',
    state: pending.state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })) to.searchParams.set(name, value);
  location.assign(to);
}

/** What the issuer calls the person, only to be shown. */
function nameOf(idToken: string | undefined): string {
  try {
    const claims = JSON.parse(atob((idToken ?? '').split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'))) as Record<string, string>;
    return claims.name ?? claims.email ?? claims.sub ?? 'signed in';
  } catch {
    return 'signed in';
  }
}

/** Takes the code that the issuer sent along. Returns the address to go on at. */
export async function comeBack(settings: PublicSettings, query: URLSearchParams): Promise<string> {
  const pending = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Pending | null;
  sessionStorage.removeItem(KEY);
  if (query.get('error')) throw new SignInError(`The issuer refused: ${query.get('error_description') ?? query.get('error')}.`);
  // RFC 9700, 4.7 and RFC 9207: only the answer to our own question, from whom we asked.
  if (!pending || query.get('state') !== pending.state) throw new SignInError('This sign-in was not begun in this tab, or was used already. Begin it again.');
  if (query.get('iss') && query.get('iss') !== pending.issuer) throw new SignInError('The answer came from another issuer. Begin again.');
  const answer = await fetch(pending.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: query.get('code') ?? '',
      redirect_uri: redirectUri(),
      client_id: settings.clientId ?? '',
      code_verifier: pending.verifier,
    }),
  });
  const body = (await answer.json().catch(() => ({}))) as { access_token?: string; expires_in?: number; scope?: string; id_token?: string; error_description?: string; error?: string };
  if (!answer.ok || !body.access_token) throw new SignInError(`The issuer gave no token: ${body.error_description ?? body.error ?? answer.status}.`);
  keep({ token: body.access_token, expires: Date.now() + (body.expires_in ?? 300) * 1000, scope: body.scope ?? '', name: nameOf(body.id_token) });
  return pending.back;
}
