import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** An OpenID Connect sign-in of the test's own, on this machine, for tests that need good and bad tokens. */
export interface TestIssuer {
  readonly issuer: string;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** A good access token, unless something of it is changed. */
  token(claims?: JWTPayload, change?: TokenChange): Promise<string>;
  stop(): Promise<void>;
}

export interface TokenChange {
  readonly issuer?: string;
  readonly audience?: string;
  /** The end of its life, such as "-1m" from now. */
  readonly expires?: string | Date;
  readonly key?: CryptoKey | Uint8Array;
  readonly algorithm?: string;
  readonly keyId?: string;
}

export const testAudience = 'tandem-test';
export const testClient = 'tandem-page';
const keyId = 'key-1';

export async function startIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: keyId, alg: 'ES256', use: 'sig' }] };
  let asked = 0;
  const server = createServer((request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const pages: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': keys,
    };
    const page = pages[request.url ?? ''];
    if (request.url === '/keys') asked += 1;
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(page ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    publicKey,
    privateKey,
    asked: () => asked,
    token: (claims = {}, change = {}) =>
      new SignJWT({ client_id: testClient, roles: ['therapist'], ...claims })
        .setProtectedHeader({ alg: change.algorithm ?? 'ES256', kid: change.keyId ?? keyId })
        .setSubject(typeof claims.sub === 'string' ? claims.sub : 't-7')
        .setIssuer(change.issuer ?? issuer)
        .setAudience(change.audience ?? testAudience)
        .setIssuedAt()
        .setExpirationTime(change.expires ?? '5m')
        .sign(change.key ?? privateKey),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
