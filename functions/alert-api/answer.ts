import type { Fault } from '../domain/event-fault.ts';

/** What goes back: always JSON, never kept by anybody on the way. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: object;
}

const errors = {
  'signed-out': [401, 'sign in first'],
  role: [403, 'your role does not include this'],
  unknown: [404, 'there is no alert of this id that you may see'],
  ended: [410, 'this alert has ended: nobody has to answer it any more'],
  malformed: [400, 'the request cannot be taken: see the faults'],
  'too-large': [413, 'the request is larger than an answer can be'],
  failed: [500, 'it failed here: try again; meanwhile alerts can be answered at the command line'],
} as const satisfies { readonly [code: string]: readonly [status: number, message: string] };

export type ErrorCode = keyof typeof errors;

export function ok(body: object): ApiAnswer {
  return { status: 200, body };
}

/** @param faults what is wrong with the body, and where */
export function failed(error: ErrorCode, faults: readonly Fault[] = []): ApiAnswer {
  const [status, message] = errors[error];
  const where = faults.map(({ path, message: what }) => ({ where: path, what }));
  return { status, body: { error, message, ...(where.length === 0 ? {} : { faults: where }) } };
}

/**
 * Headers of every answer (OWASP, REST Security): nothing is kept, nothing is guessed, and a browser that is made to show it as a
 * page shows nothing of it.
 */
export const headers = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;
