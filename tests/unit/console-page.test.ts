import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readPageFiles } from '../../functions/adapters/page-files.ts';
import { answerPage } from '../../functions/console/page.ts';

const html = { type: 'text/html; charset=utf-8', text: '<!doctype html>' };
const script = { type: 'text/javascript; charset=utf-8', text: 'start()' };
const page = new Map([
  ['/index.html', html],
  ['/assets/index-1a2b3c.js', script],
]);
const signIn = ['https://login.example.org', 'https://tokens.example.org'];
const get = (path: string, method = 'GET') => answerPage(page, signIn, { method, path });

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-page-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('the page', () => {
  it.each(['/', '/alerts/a-1f00000000000000000000000a'])('is at %s, and no browser keeps it', (path) => {
    const { statusCode, headers, body } = get(path);
    expect([statusCode, body]).toEqual([200, html.text]);
    expect(headers['content-type']).toBe(html.type);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('has parts whose names change with their content, so that they are kept for a year', () => {
    const { statusCode, headers, body } = get('/assets/index-1a2b3c.js');
    expect([statusCode, body]).toEqual([200, script.text]);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it.each([
    '/index.html',
    '/assets/',
    '/assets/gone.js',
    '/assets/../index.html',
    '/alerts/',
    '/alerts/a/b',
    '/api/alerts',
    '',
  ])('has nothing at %j', (path) => {
    const { statusCode, headers, body } = get(path);
    expect([statusCode, body]).toEqual([404, 'There is nothing at this address.']);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('answers a mail scanner’s HEAD as its GET, without the content (E12)', () => {
    const { headers, ...rest } = get('/alerts/a-1', 'HEAD');
    expect(rest).toEqual({ statusCode: 200, body: '' });
    expect(headers).toEqual(get('/alerts/a-1').headers);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', (method) => {
    const { statusCode, headers } = get('/', method);
    expect(statusCode).toBe(405);
    expect(headers['allow']).toBe('GET, HEAD');
  });

  it.each(['/', '/assets/index-1a2b3c.js', '/nothing'])('is guarded by every header, at %s too', (path) => {
    expect(get(path).headers).toMatchObject({
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'permissions-policy': expect.stringContaining('camera=()'),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-robots-tag': 'noindex, nofollow',
    });
  });

  it('may run no inline code and call nobody but its API and the sign-in', () => {
    const policy = get('/').headers['content-security-policy']?.split('; ');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self' https://login.example.org https://tokens.example.org",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });
});

describe('the files of the built page', () => {
  it('are read with their media types', () => {
    const folder = folderWith({
      'index.html': html.text,
      'assets/a.css': 'p{}',
      'assets/a.js': 'a()',
      'assets/a.svg': '<svg/>',
    });
    const files = [...readPageFiles(folder)].toSorted(([one], [other]) => (one < other ? -1 : 1));
    expect(files).toEqual([
      ['/assets/a.css', { type: 'text/css; charset=utf-8', text: 'p{}' }],
      ['/assets/a.js', { type: 'text/javascript; charset=utf-8', text: 'a()' }],
      ['/assets/a.svg', { type: 'image/svg+xml', text: '<svg/>' }],
      ['/index.html', html],
    ]);
  });

  it('are refused where the page was not built, or has files that nobody could serve', () => {
    expect(() => readPageFiles(folderWith({ 'a.js': '' }))).toThrow('holds no index.html: build the page');
    expect(() => readPageFiles(folderWith({ 'index.html': '', 'a.woff2': '' }))).toThrow('a.woff2: add the media type');
  });
});

describe('the function that serves the page', () => {
  it('reads it once, and serves it with the origins of the sign-in', async () => {
    vi.stubEnv('PAGE_FOLDER', folderWith({ 'index.html': html.text }));
    vi.stubEnv('SIGN_IN_ORIGINS', signIn.join(' '));
    const { handler } = await import('../../functions/console/handler.ts');
    const event = { rawPath: '/alerts/a-1', requestContext: { http: { method: 'GET' } } };
    const answer = await handler(event as APIGatewayProxyEventV2, {} as Context);
    expect(answer).toEqual({ ...get('/alerts/a-1'), headers: { ...get('/').headers } });
  });
});
