// An OpenID provider on a loopback port, for tests: one native app, one account, consent without questions.
//
// node provider.mjs PORT ISSUER
//
// ISSUER is the address that apps see; whoever stands before this port ends TLS. It prints a line once it listens.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [port, issuer] = process.argv.slice(2);
// What the last request for an authorization said, for tests to look at.
let last = {};

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
  ttl: { AccessToken: 120, AuthorizationCode: 60, Grant: 86400, IdToken: 86400, Interaction: 600, RefreshToken: 86400, Session: 86400 },
});
provider.proxy = true;
const callback = provider.callback();

createServer(async (request, response) => {
  request.headers['x-forwarded-proto'] = 'https';
  const url = new URL(request.url, issuer);
  if (url.pathname === '/auth') last = Object.fromEntries(url.searchParams);
  if (url.pathname === '/last') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(last));
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
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
