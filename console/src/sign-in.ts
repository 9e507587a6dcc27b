import * as oauth from 'oauth4webapi';
import { type Place, pathOf, placeOf } from './address.ts';
import { ApiFault } from './api.ts';
import type { Config } from './contract.ts';

/** What is kept, for this tab only, while somebody is away at the issuer's page. Never a token. */
interface Begun {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly path: string;
}

const begunKey = 'tandem.sign-in';
const signedOffKey = 'tandem.signed-off';

/** What the issuer sent back in the address, taken out of it. */
export interface Returned {
  readonly parameters: URLSearchParams;
  readonly begun: Begun | null;
  /** Where the person was going. */
  readonly place: Place;
}

/** The answer of the issuer, if that is how the page was opened. Call it first of all: it cleans the address bar at once. */
export function takeReturn(): Returned | null {
  const parameters = new URLSearchParams(location.search);
  const returned = parameters.has('state') || parameters.has('code') || parameters.has('error');
  const begun = returned ? takeBegun() : null;
  const place = placeOf(begun?.path ?? location.pathname);
  // Whatever came with the address goes: it is kept in the history, and might be copied.
  if (location.href !== new URL(pathOf(place), location.origin).href) history.replaceState(null, '', pathOf(place));
  return returned ? { parameters, begun, place } : null;
}

function takeBegun(): Begun | null {
  const text = sessionStorage.getItem(begunKey);
  sessionStorage.removeItem(begunKey);
  return text === null ? null : JSON.parse(text);
}

/** Sends the person to the issuer (authorization code with PKCE, RFC 7636), and back to the page's root afterwards. */
export async function goSignIn(config: Config, place: Place): Promise<void> {
  const server = await discover(config);
  const begun: Begun = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    path: pathOf(place),
  };
  const address = new URL(server.authorization_endpoint ?? missing('authorization endpoint'));
  const parameters = {
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: redirectUri(),
    scope: config.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
    // Whoever has signed off here, or was, has to prove anew who they are, even if the issuer still knows this browser.
    ...(signedOffBefore() === null ? {} : { prompt: 'login' }),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  sessionStorage.setItem(begunKey, JSON.stringify(begun));
  location.assign(address);
}

/** What proves who is signed in. It lives in the memory of this page alone. */
export interface Tokens {
  /**
   * One that is good for a while yet: a new one where the last is about to run out and the issuer gives another.
   * @throws ApiFault where the issuer refuses, or does not answer
   */
  readonly accessToken: () => Promise<string>;
  /** Has the issuer forget it, where it says how. Never fails: signed off here it is either way. */
  readonly revoke: () => Promise<void>;
}

/**
 * Exchanges the issuer's code for tokens.
 * @throws Error where the issuer refused, or the answer is none to a sign-in that this tab began.
 */
export async function finishSignIn(config: Config, { parameters, begun }: Returned): Promise<Tokens> {
  if (begun === null) throw new Error('no sign-in was begun in this tab');
  const server = await discover(config);
  const client: oauth.Client = { client_id: config.clientId };
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    oauth.validateAuthResponse(server, client, parameters, begun.state),
    redirectUri(),
    begun.verifier,
    over(config),
  );
  const first = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: begun.nonce,
    requireIdToken: true,
  });
  sessionStorage.removeItem(signedOffKey);
  return tokensFrom(first, config, server, client);
}

function tokensFrom(
  first: oauth.TokenEndpointResponse,
  config: Config,
  server: oauth.AuthorizationServer,
  client: oauth.Client,
): Tokens {
  let access = accessOf(first);
  let refreshToken = first.refresh_token;
  let refreshing: Promise<void> | null = null;
  const refresh = async (token: string) => {
    try {
      const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), token, over(config));
      const next = await oauth.processRefreshTokenResponse(server, client, response);
      access = accessOf(next);
      refreshToken = next.refresh_token ?? token;
    } catch (error) {
      throw new ApiFault(error instanceof oauth.ResponseBodyError ? 'signed-out' : 'unreachable');
    }
  };
  return {
    async accessToken() {
      if (refreshToken !== undefined && Date.now() > access.goodUntil - spareTime) {
        refreshing ??= refresh(refreshToken).finally(() => {
          refreshing = null;
        });
        await refreshing;
      }
      return access.token;
    },
    async revoke() {
      if (refreshToken === undefined || server.revocation_endpoint === undefined) return;
      const token = refreshToken;
      refreshToken = undefined;
      await oauth.revocationRequest(server, client, oauth.None(), token, over(config)).catch(() => {});
    },
  };
}

/** A token that runs out within this time is replaced before it is used, in milliseconds. */
const spareTime = 60_000;

function accessOf({ access_token: token, expires_in: seconds }: oauth.TokenEndpointResponse) {
  return { token, goodUntil: seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000 };
}

export type WhySignedOff = 'idle' | 'signed-off';

/** From now on this tab's next sign-in asks for everything again. */
export function rememberSignOff(why: WhySignedOff): void {
  sessionStorage.setItem(signedOffKey, why);
}

/** Why nobody is signed in any more, where it was in this tab; also after a way by the issuer's page. */
export function signedOffBefore(): WhySignedOff | null {
  const why = sessionStorage.getItem(signedOffKey);
  return why === 'idle' || why === 'signed-off' ? why : null;
}

/** Ends the issuer's own session, too, where it says how (OpenID Connect RP-Initiated Logout); without a token in the address. */
export async function endIssuerSession(config: Config): Promise<void> {
  const { end_session_endpoint: endpoint } = await discover(config);
  if (endpoint === undefined) return;
  const address = new URL(endpoint);
  address.searchParams.set('client_id', config.clientId);
  address.searchParams.set('post_logout_redirect_uri', redirectUri());
  // Amazon Cognito's name for the same.
  address.searchParams.set('logout_uri', redirectUri());
  location.assign(address);
}

/** The one address that the issuer has to know. */
function redirectUri(): string {
  return `${location.origin}/`;
}

async function discover(config: Config): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(config.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...over(config) });
  return oauth.processDiscoveryResponse(issuer, response);
}

/** Plain HTTP only to this computer itself, where an emulator stands for the issuer. */
function over({ issuer }: Config) {
  const local = ['localhost', '127.0.0.1'].includes(new URL(issuer).hostname);
  return { [oauth.allowInsecureRequests]: local, signal: AbortSignal.timeout(30_000) };
}

function missing(what: string): never {
  throw new Error(`the issuer names no ${what}`);
}
