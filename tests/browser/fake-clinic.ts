import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Alert, AlertDetail, Answered } from '../../console/src/contract.ts';
import { hasEnded } from '../../console/src/words.ts';
import { readPageFiles } from '../../functions/adapters/page-files.ts';
import { answerPage } from '../../functions/console/page.ts';
import type { Page } from '../../functions/ports/page.ts';
import { exampleAlerts } from './example-alerts.ts';
import { type FakeIssuer, startIssuer } from './fake-issuer.ts';

/** Builds the page as a deployment does. */
export async function buildPage(): Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-page-'));
  const configFile = fileURLToPath(new URL('../../console/vite.config.ts', import.meta.url));
  // Vitest says that this is a test; the page is built as it is deployed.
  const mode = 'production';
  await build({ configFile, mode, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  const page = readPageFiles(folder);
  rmSync(folder, { recursive: true });
  return page;
}

export interface FakeClinic {
  readonly address: string;
  readonly issuer: FakeIssuer;
  /** By id. */
  readonly alerts: Map<string, AlertDetail>;
  /** "GET /api/alerts": every request so far. */
  readonly requests: string[];
  /** The body of every POST so far. */
  readonly posted: unknown[];
  /** Answers the next POST in place of the clinic. */
  nextAnswer: { readonly status: number; readonly body: object } | null;
  idleMinutes: number;
  /** What the page may call beside its own address. */
  signInOrigins: readonly string[];
  /** Patients whose records cannot be read. */
  unreadable: number;
  readonly close: () => void;
}

/** The page behind the very headers of its function, an API as the page knows it, and an issuer at another origin. */
export async function startClinic(page: Page, now: () => number = Date.now): Promise<FakeClinic> {
  const issuer = await startIssuer();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const clinic: FakeClinic = {
    address: `http://127.0.0.1:${port}`,
    issuer,
    alerts: new Map(exampleAlerts(now()).map((detail) => [detail.alert.id, detail])),
    requests: [],
    posted: [],
    nextAnswer: null,
    idleMinutes: 15,
    signInOrigins: [issuer.address],
    unreadable: 0,
    close: () => {
      issuer.close();
      server.closeAllConnections();
      server.close();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', clinic.address);
    const method = request.method ?? 'GET';
    clinic.requests.push(`${method} ${pathname}`);
    if (!pathname.startsWith('/api/')) {
      const { statusCode, headers, body } = answerPage(page, clinic.signInOrigins, { method, path: pathname });
      response.writeHead(statusCode, headers).end(body);
      return;
    }
    const body = method === 'POST' ? JSON.parse(await textOf(request)) : null;
    if (method === 'POST') clinic.posted.push(body);
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const [status, said] = api(method, pathname, token, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  }

  function api(method: string, path: string, token: string, body: Posted | null): [number, object] {
    const { idleMinutes } = clinic;
    if (path === '/api/config')
      return [200, { issuer: issuer.address, clientId: 'console', scope: 'openid', idleMinutes }];
    if (!issuer.good.has(token)) return [403, { message: 'Forbidden' }];
    if (path === '/api/me') return [200, { staff: issuer.staff, roles: ['therapist'] }];
    if (path === '/api/alerts')
      return [200, { alerts: open().map(({ alert }) => alert), unreadable: clinic.unreadable }];
    const [, id = '', kind] = /^\/api\/alerts\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const detail = clinic.alerts.get(id);
    if (detail === undefined) return [404, {}];
    if (method === 'GET' && kind === undefined)
      return hasEnded(detail.alert) ? [410, { error: 'ended' }] : [200, detail];
    if (method !== 'POST' || body === null) return [404, {}];
    if (clinic.nextAnswer !== null) {
      const { status, body: said } = clinic.nextAnswer;
      clinic.nextAnswer = null;
      return [status, said];
    }
    return [200, answered(detail, kind ?? '', body)];
  }

  function open(): AlertDetail[] {
    return [...clinic.alerts.values()].filter(({ alert }) => !hasEnded(alert));
  }

  function answered(detail: AlertDetail, kind: string, body: Posted): Answered {
    const { alert } = detail;
    if (body.version !== alert.version) return { result: 'stale', reason: 'it has changed since it was read', alert };
    const next = changed(alert, kind, body);
    const what = kind === 'acknowledge' ? 'acknowledged' : kind;
    const history = [...detail.history, { at: new Date(now()).toISOString(), what, who: issuer.staff }];
    clinic.alerts.set(alert.id, { ...detail, alert: next, history });
    return { result: 'done', reason: kind, alert: hasEnded(next) ? null : next };
  }

  function changed(alert: Alert, kind: string, body: Posted): Alert {
    const by = { acknowledgedBy: [issuer.staff] };
    if (kind === 'acknowledge') return { ...alert, ...by, status: 'acknowledged' };
    const version = alert.version + 1;
    if (kind === 'snooze') return { ...alert, ...by, version, status: 'snoozed', snoozedUntil: body.until ?? null };
    return { ...alert, version, status: 'resolved', nextActionAt: null };
  }

  return clinic;
}

interface Posted {
  readonly version: number;
  readonly until?: string;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}
