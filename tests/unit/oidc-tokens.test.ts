import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OidcSettings, oidcTokens } from '../../functions/adapters/oidc/tokens.ts';
import { startIssuer, type TestIssuer, testAudience, testClient } from '../issuer.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.stop());

const settings = (change: Partial<OidcSettings> = {}): OidcSettings => ({
  issuer: issuer.issuer,
  clientId: testClient,
  audience: testAudience,
  staffClaim: 'sub',
  rolesClaim: 'roles',
  ...change,
});
const tokens = (change: Partial<OidcSettings> = {}, now = () => new Date()) => oidcTokens(settings(change), now);
/** Cognito's access tokens have no audience. */
const cognito = { audience: null, staffClaim: 'username', rolesClaim: 'cognito:groups' };
const cognitoToken = (claims: object) =>
  issuer.token({ token_use: 'access', username: 's-1', 'cognito:groups': ['supervisor'], ...claims });

describe('a good access token', () => {
  it('says who it was given to and which roles they have', async () => {
    expect(await tokens().check(await issuer.token({ sub: 's-1', roles: ['supervisor', 7] as never }))).toEqual({
      staff: 's-1',
      roles: ['supervisor'],
    });
  });

  it.each([
    ['words in one text', 'therapist  supervisor', ['therapist', 'supervisor']],
    ['nothing', undefined, []],
    ['a number', 7, []],
  ])('may give its roles as %s', async (_, roles, read) => {
    expect(await tokens().check(await issuer.token({ roles }))).toEqual({ staff: 't-7', roles: read });
  });

  it('of Cognito names its client, and says that it is an access token', async () => {
    expect(await tokens(cognito).check(await cognitoToken({}))).toEqual({ staff: 's-1', roles: ['supervisor'] });
    expect(await tokens(cognito).check(await cognitoToken({ token_use: 'id' }))).toEqual({
      refused: 'kind',
      staff: 's-1',
    });
    expect(await tokens(cognito).check(await cognitoToken({ client_id: undefined }))).toEqual({
      refused: 'client',
      staff: 's-1',
    });
  });

  it('of another sign-in need not name its client, but if it does, then the right one', async () => {
    expect(await tokens().check(await issuer.token({ client_id: undefined }))).toMatchObject({ staff: 't-7' });
    expect(await tokens().check(await issuer.token({ client_id: undefined, azp: 'other' }))).toMatchObject({
      refused: 'client',
    });
  });

  it('has the keys read once', async () => {
    const before = issuer.asked();
    const checked = tokens();
    await checked.check(await issuer.token());
    await checked.check(await issuer.token());
    expect(issuer.asked() - before).toBe(1);
  });
});

describe('a token is refused', () => {
  it('where there is none, or none that could be one', async () => {
    expect(await tokens().check(null)).toEqual({ refused: 'missing', staff: null });
    for (const text of ['', 'x', 'a.b.c', '....', 'x'.repeat(8193)])
      expect(await tokens().check(text)).toEqual({ refused: 'malformed', staff: null });
  });

  it('where it is signed in another way: not at all, or with the public key as a secret', async () => {
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"s-1"}').toString('base64url')}.`;
    expect(await tokens().check(none)).toEqual({ refused: 'algorithm', staff: null });
    const secret = new TextEncoder().encode(await exportSPKI(issuer.publicKey));
    const forged = await issuer.token({ sub: 's-1' }, { key: secret, algorithm: 'HS256' });
    expect(await tokens().check(forged)).toEqual({ refused: 'algorithm', staff: null });
  });

  it('where its key is not the sign-in’s, or its signature is another’s', async () => {
    const { privateKey: key } = await generateKeyPair('ES256');
    expect(await tokens().check(await issuer.token({}, { key, keyId: 'other' }))).toEqual({
      refused: 'unknown-key',
      staff: null,
    });
    expect(await tokens().check(await issuer.token({}, { key }))).toEqual({ refused: 'signature', staff: null });
    const [head, , signature] = (await issuer.token()).split('.');
    const [, body] = (await issuer.token({ sub: 's-1', roles: ['supervisor'] })).split('.');
    expect(await tokens().check([head, body, signature].join('.'))).toEqual({ refused: 'signature', staff: null });
  });

  it.each([
    ['issuer', { issuer: 'https://login.example.org' }],
    ['audience', { audience: 'another' }],
  ])('where its %s is another', async (refused, change) => {
    expect(await tokens().check(await issuer.token({}, change))).toEqual({ refused, staff: null });
  });

  it('from the moment at which it expires, but for the clocks’ difference; it was this person’s once', async () => {
    const expiry = Date.parse('2100-01-01T00:00:00Z');
    const token = await issuer.token({}, { expires: new Date(expiry) });
    expect(await tokens({}, () => new Date(expiry + 4000)).check(token)).toMatchObject({
      staff: 't-7',
      roles: expect.any(Array),
    });
    expect(await tokens({}, () => new Date(expiry + 5000)).check(token)).toEqual({ refused: 'expired', staff: 't-7' });
  });

  it('before it is valid, without an end, and where it names nobody', async () => {
    const soon = Math.floor(Date.now() / 1000) + 3600;
    expect(await tokens().check(await issuer.token({ nbf: soon }))).toEqual({ refused: 'not-yet', staff: null });
    const endless = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1' })
      .setIssuer(issuer.issuer)
      .setAudience(testAudience)
      .setSubject('t-7')
      .sign(issuer.privateKey);
    expect(await tokens().check(endless)).toEqual({ refused: 'claims', staff: null });
    for (const sub of ['<script>', '', 'x'.repeat(65)])
      expect(await tokens().check(await issuer.token({ sub }))).toEqual({ refused: 'claims', staff: null });
    expect(await tokens({ staffClaim: 'constructor' }).check(await issuer.token())).toEqual({
      refused: 'claims',
      staff: null,
    });
  });
});

describe('a sign-in that cannot be asked', () => {
  let server: Server;
  let base: string;
  let page: (path: string) => [status: number, body: string];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const [status, body] = page(request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it.each([
    ['answers with an error', () => [503, '{}'], 'answers 503'],
    ['answers no JSON', () => [200, '<html>'], 'cannot be read'],
    [
      'describes another issuer',
      () => [200, '{"issuer":"https://x.example.org","jwks_uri":"https://x.example.org/k"}'],
      'does not describe this issuer',
    ],
    ['names no keys', () => [200, JSON.stringify({ issuer: base })], 'does not describe this issuer'],
    [
      'names keys that anybody on the way could change',
      () => [200, JSON.stringify({ issuer: base, jwks_uri: 'http://keys.example.org/k' })],
      'not under https',
    ],
    [
      'gives no keys',
      (path: string) =>
        path === '/keys' ? [404, '{}'] : [200, JSON.stringify({ issuer: base, jwks_uri: `${base}/keys` })],
      'keys cannot be read',
    ],
  ] as [string, (path: string) => [number, string], string][])(
    '%s: nobody is let in, and nobody is blamed',
    async (_, pages, words) => {
      page = pages;
      const token = await issuer.token({}, { issuer: base });
      await expect(tokens({ issuer: base }).check(token)).rejects.toThrow(words);
    },
  );

  it('is asked again at the next request', async () => {
    const checked = tokens({ issuer: base });
    const token = await issuer.token({}, { issuer: base });
    page = () => [503, '{}'];
    await expect(checked.check(token)).rejects.toThrow('answers 503');
    page = () => [200, JSON.stringify({ issuer: base, jwks_uri: `${base}/keys` })];
    await expect(checked.check(token)).rejects.toThrow('keys cannot be read');
  });
});
