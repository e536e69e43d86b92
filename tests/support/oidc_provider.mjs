// A real OpenID provider (npm: oidc-provider) for the tests: client_credentials with JWT access tokens (RFC 9068) signed
// as the asked resource says. Told what to do by lines of JSON on its input, it answers each by one on its output:
//   {"keys": [private JWKs]}  publish these and sign with the first that fits, from now on
//   {"count": true}           how often the keys were read
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

function make(keys) {
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: ['sales', 'support', ''].map((department) => ({
      client_id: department ? `client-${department}` : 'client-of-none',
      client_secret: 'secret-of-a-test',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      department,
    })),
    extraClientMetadata: { properties: ['department'] },
    extraTokenClaims: (ctx, token) => (token.client?.department ? { department: token.client.department } : {}),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
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
  provider.callback()(request, response);
});
server.listen(Number(port || 0), '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ issuer }));
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.keys) make(order.keys);
  console.log(JSON.stringify({ reads }));
}
process.exit(0);
