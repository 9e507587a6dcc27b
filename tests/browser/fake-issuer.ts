import { createHash, randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT } from 'jose';

export interface FakeIssuer {
  readonly address: string;
  /** Another origin of the same server. */
  readonly otherOrigin: string;
  /** Where it gives out tokens: its own address, or the other origin. */
  tokensAt: string;
  /** Whose button stands on its page. */
  staff: string;
  /** How long its access tokens are good for, in seconds. */
  tokenSeconds: number;
  /** The query of every request for a sign-in so far. */
  readonly asked: URLSearchParams[];
  /** Access tokens that are good. */
  readonly good: Set<string>;
  /** Refresh tokens that are good. */
  readonly refreshable: Set<string>;
  /** How often the session was ended. */
  ended: number;
  readonly close: () => void;
}

interface Code {
  readonly challenge: string;
  readonly nonce: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

/**
 * An OpenID Connect issuer as the page needs one: discovery, a page with a button, codes with PKCE, refresh tokens, revocation and
 * the end of a session. It refuses whatever does not fit.
 */
export async function startIssuer(): Promise<FakeIssuer> {
  const { privateKey } = await generateKeyPair('RS256');
  const codes = new Map<string, Code>();
  const server = createHttpServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const issuer: FakeIssuer = {
    address: `http://127.0.0.1:${port}`,
    otherOrigin: `http://localhost:${port}`,
    tokensAt: `http://127.0.0.1:${port}`,
    staff: 't-7',
    tokenSeconds: 900,
    asked: [],
    good: new Set(),
    refreshable: new Set(),
    ended: 0,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer.address);
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /.well-known/openid-configuration':
        return json(response, 200, {
          issuer: issuer.address,
          authorization_endpoint: `${issuer.address}/authorize`,
          token_endpoint: `${issuer.tokensAt}/token`,
          revocation_endpoint: `${issuer.tokensAt}/revoke`,
          end_session_endpoint: `${issuer.address}/logout`,
          jwks_uri: `${issuer.address}/keys`,
          response_types_supported: ['code'],
        });
      case 'GET /authorize':
        issuer.asked.push(url.searchParams);
        return html(
          response,
          `<h1>Clinic sign-in</h1><form method="post"><button>Go on as ${issuer.staff}</button></form>`,
        );
      case 'POST /authorize':
        return redirect(response, authorized(url.searchParams));
      case 'POST /token':
        return json(response, ...(await exchanged(await formOf(request))));
      case 'POST /revoke':
        issuer.refreshable.delete((await formOf(request)).get('token') ?? '');
        return json(response, 200, {});
      case 'GET /logout':
        issuer.ended += 1;
        return redirect(response, new URL(url.searchParams.get('post_logout_redirect_uri') ?? ''));
      case 'GET /favicon.ico':
        return void response.writeHead(204).end();
      default:
        return void response.writeHead(404).end();
    }
  }

  function authorized(query: URLSearchParams): URL {
    const read = (name: string) => query.get(name) ?? '';
    if (read('response_type') !== 'code' || read('code_challenge_method') !== 'S256')
      throw new Error('no code with PKCE');
    const back = new URL(read('redirect_uri'));
    const code = randomUUID();
    codes.set(code, {
      challenge: read('code_challenge'),
      nonce: read('nonce'),
      clientId: read('client_id'),
      redirectUri: back.href,
    });
    back.searchParams.set('code', code);
    back.searchParams.set('state', read('state'));
    return back;
  }

  async function exchanged(form: URLSearchParams): Promise<[number, object]> {
    if (form.get('grant_type') === 'refresh_token') {
      const known = issuer.refreshable.delete(form.get('refresh_token') ?? '');
      return known ? [200, tokens()] : [400, { error: 'invalid_grant' }];
    }
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (code === undefined || code.challenge !== challenge || code.redirectUri !== form.get('redirect_uri'))
      return [400, { error: 'invalid_grant' }];
    const idToken = await new SignJWT({ nonce: code.nonce })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(issuer.address)
      .setAudience(code.clientId)
      .setSubject(issuer.staff)
      .setIssuedAt()
      // In a test the page's clock may be ahead.
      .setExpirationTime('12 hours')
      .sign(privateKey);
    return [200, { ...tokens(), id_token: idToken }];
  }

  function tokens() {
    const access = randomUUID();
    const refresh = randomUUID();
    issuer.good.add(access);
    issuer.refreshable.add(refresh);
    return { access_token: access, refresh_token: refresh, token_type: 'Bearer', expires_in: issuer.tokenSeconds };
  }

  return issuer;
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const part of request) text += String(part);
  return new URLSearchParams(text);
}

function json(response: ServerResponse, status: number, body: object): void {
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
  };
  response.writeHead(status, { ...headers, 'cross-origin-resource-policy': 'cross-origin' }).end(JSON.stringify(body));
}

function html(response: ServerResponse, body: string): void {
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`<!doctype html><html lang="en"><title>Clinic sign-in</title><body>${body}</body></html>`);
}

function redirect(response: ServerResponse, to: URL): void {
  response.writeHead(303, { location: to.href }).end();
}
