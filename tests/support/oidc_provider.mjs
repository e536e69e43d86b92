// A real OpenID provider (npm: oidc-provider) for the tests: client_credentials with JWT access tokens (RFC 9068) signed
// as the asked resource says. Told what to do by lines of JSON on its input, it answers each by one on its output:
//   {"keys": [private JWKs]}  publish these and sign with the first that fits, from now on
//   {"count": true}           how often the keys were read
//   {"console": "http://…"}   a public client "console" comes back there, with authorization code and PKCE; whoever comes
//                             to sign in is Pat of the department sales
// It ends when its input does.
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

// Its output is for the answers alone; the provider's notices are not.
console.info = console.warn = console.error;

const [folder, port] = process.argv.slice(2);
const { default: Provider } = await import(
  pathToFileURL(path.join(folder, 'node_modules/oidc-provider/lib/index.js')));

const SCOPES = 'knowledge.contentmgr.manage knowledge.contentmgr.read waybill.admin';
// The algorithm is asked for by the resource: urn:waybill:ES256. All are tokens for the audience "waybill".
const RESOURCES = Object.fromEntries(['RS256', 'PS256', 'ES256', 'EdDSA'].map((alg) => [`urn:waybill:${alg}`, alg]));

let issuer;
let provider;
let reads = 0;
let published = [];
let comesBack = [];

const publicClients = () => comesBack.map((address) => ({
  client_id: 'console',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: [address],
  department: 'sales',
}));

function make(keys) {
  published = keys;
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: [...publicClients(), ...['sales', 'support', ''].map((department) => ({
      client_id: department ? `client-${department}` : 'client-of-none',
      client_secret: 'secret-of-a-test',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      department,
    }))],
    extraClientMetadata: { properties: ['department'] },
    extraTokenClaims: (ctx, token) => (token.client?.department ? { department: token.client.department } : {}),
    clientBasedCORS: () => true,
    // Without a resource named (RFC 8707) the console's tokens are for Waybill.
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: 'Pat of Sales' }) }),
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'name'] },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid');
      grant.addResourceScope('urn:waybill:ES256', SCOPES);
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client) => (client.clientId === 'console' ? 'urn:waybill:ES256' : []),
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => ({
          scope: SCOPES,
          audience: 'waybill',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: RESOURCES[resource] } },
        }),
      },
    },
  });
}

const server = http.createServer((request, response) => {
  if (request.url.startsWith('/jwks')) reads += 1;
  if (request.url.startsWith('/interaction/')) {
    void provider.interactionFinished(request, response, { login: { accountId: 'pat' } });
    return;
  }
  provider.callback()(request, response);
});
server.listen(Number(port || 0), '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ issuer }));
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.console) comesBack = [order.console];
  if (order.keys || order.console) make(order.keys ?? published);
  console.log(JSON.stringify({ reads }));
}
process.exit(0);
