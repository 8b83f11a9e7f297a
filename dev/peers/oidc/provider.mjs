// An OpenID provider on a loopback port, for tests: one native app, one account, consent without questions.
//
// node provider.mjs PORT ISSUER [TLS_PORT KEY CERTIFICATE]
//
// ISSUER is the address that apps see: TLS_PORT, with the PEM files of its key and certificate; without them, somebody else ends TLS
// before PORT. OIDC_TOKEN_SECONDS says how long an access token is good. It prints a line once it listens.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Provider } from 'oidc-provider';

const [port, issuer, tlsPort, key, cert] = process.argv.slice(2);
const tokenSeconds = Number(process.env.OIDC_TOKEN_SECONDS ?? 120);
// What the last request for an authorization said, for tests to look at.
let last = {};
// How often tokens were given, by kind of grant, and taken back.
const given = { revocation: 0 };

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'cordon-pim',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/signed-in'],
    },
    {
      client_id: 'mail-server',
      client_secret: 'mail-server-secret',
      grant_types: [],
      response_types: [],
      redirect_uris: [],
    },
  ],
  scopes: ['openid', 'offline_access', 'mail'],
  claims: { openid: ['sub'] },
  features: {
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope('openid offline_access mail');
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: tokenSeconds, AuthorizationCode: 60, Grant: 86400, IdToken: 86400, Interaction: 600, RefreshToken: 86400, Session: 86400 },
});
provider.proxy = true;
provider.on('grant.success', (context) => {
  const kind = context.oidc.params.grant_type;
  given[kind] = (given[kind] ?? 0) + 1;
});
const callback = provider.callback();

async function answer(request, response) {
  request.headers['x-forwarded-proto'] = 'https';
  const url = new URL(request.url, issuer);
  if (url.pathname === '/auth') last = Object.fromEntries(url.searchParams);
  if (url.pathname === '/token/revocation') given.revocation += 1;
  if (url.pathname === '/last' || url.pathname === '/given') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url.pathname === '/last' ? last : given));
  } else if (url.pathname.startsWith('/interaction/')) {
    // Whoever comes is Alice, unless she says no.
    const refused = last.login_hint?.startsWith('nobody');
    const result = refused
      ? { error: 'access_denied', error_description: 'not today' }
      : { login: { accountId: 'alice' }, consent: {} };
    await provider.interactionFinished(request, response, result);
  } else {
    callback(request, response);
  }
}

const listen = (server, at) => new Promise((ready) => server.listen(Number(at), '127.0.0.1', ready));
await listen(createServer(answer), port);
if (tlsPort) await listen(createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer), tlsPort);
console.log('ready');
