import type { AlertDetail, AlertList, Answer, Answered, Config, Me } from './contract.ts';

/**
 * `signed-out`: the token is no longer good. `not-yours`: this person may not see or do it. `unknown`: no such alert, or none that
 * they may know of. `ended`: nobody has to answer it any more.
 * `faulty`: what was sent cannot be taken. `unreachable`: no answer came, so that it is not known whether it arrived.
 */
export type FaultKind = 'signed-out' | 'not-yours' | 'unknown' | 'ended' | 'faulty' | 'broken' | 'unreachable';

/** Why a call to the API brought nothing. */
export class ApiFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind) {
    super(`the API's answer: ${kind}`);
    this.name = 'ApiFault';
    this.kind = kind;
  }
}

/** The API as a signed-in person may use it. Every call throws ApiFault where it brings nothing. */
export interface Api {
  readonly me: () => Promise<Me>;
  readonly alerts: () => Promise<AlertList>;
  readonly alert: (id: string) => Promise<AlertDetail>;
  /** @param version the alert's, as it was read */
  readonly answer: (id: string, version: number, answer: Answer) => Promise<Answered>;
}

/** @throws ApiFault */
export function readConfig(): Promise<Config> {
  return call('/api/config', {});
}

/** @param accessToken gives a token that is good now, or throws ApiFault */
export function apiWith(accessToken: () => Promise<string>): Api {
  const ask = async <T>(path: string, request: RequestInit = {}): Promise<T> => {
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${await accessToken()}`);
    return call(path, { ...request, headers });
  };
  return {
    me: () => ask('/api/me'),
    alerts: () => ask('/api/alerts'),
    alert: (id) => ask(`/api/alerts/${encodeURIComponent(id)}`),
    answer: (id, version, { kind, ...rest }) =>
      ask(`/api/alerts/${encodeURIComponent(id)}/${kind}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ version, ...rest }),
      }),
  };
}

const longestWait = 30_000;

const faultOf: Readonly<Record<number, FaultKind>> = {
  400: 'faulty',
  401: 'signed-out',
  404: 'unknown',
  410: 'ended',
  413: 'faulty',
};

/** Both the check of the sign-in and the API itself answer 403, and only the API says why. */
async function faultIn(response: Response): Promise<FaultKind> {
  if (response.status !== 403) return faultOf[response.status] ?? 'broken';
  const said: { error?: string } = await response.json().catch(() => ({}));
  return said.error === 'role' ? 'not-yours' : 'signed-out';
}

async function call<T>(path: string, request: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(longestWait),
      ...request,
    });
  } catch {
    throw new ApiFault('unreachable');
  }
  // 409 carries what became of the answer, as 200 does.
  if (!response.ok && response.status !== 409) throw new ApiFault(await faultIn(response));
  try {
    return await response.json();
  } catch {
    throw new ApiFault('broken');
  }
}
