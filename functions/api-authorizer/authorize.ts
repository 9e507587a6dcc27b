import type { AuditEntry } from '../domain/audit-chain.ts';
import type { Instant } from '../domain/instant.ts';
import type { AuditJournal } from '../ports/audit-journal.ts';
import type { RefusedToken, TokenFault, Tokens } from '../ports/tokens.ts';

/** What is looked at of a request before it is let in. */
export interface Asked {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Such as "GET /api/alerts". */
  readonly route: string;
  /** The network address it came from. */
  readonly from: string;
}

export interface AuthorizePorts {
  readonly tokens: Tokens;
  readonly journal: AuditJournal;
  /** Clinic.hash. */
  readonly rules: string;
  readonly now: () => Instant;
  readonly newId: () => string;
}

export type Authorized =
  | { readonly fault: null; readonly staff: string; readonly roles: readonly string[] }
  | { readonly fault: TokenFault };

/**
 * Lets a request in where it carries a good access token, and says whose it is. A refusal stands in the audit before it is given.
 * @throws where it cannot be told or not be recorded: nobody is let in then either.
 */
export async function authorize(
  { tokens, journal, rules, now, newId }: AuthorizePorts,
  asked: Asked,
): Promise<Authorized> {
  const checked = await tokens.check(bearerToken(asked.headers));
  if (!('refused' in checked)) return { fault: null, ...checked };
  await journal.note(newId(), refusalRecord(checked, asked, rules), now());
  return { fault: checked.refused };
}

/** RFC 6750, 2.1; null: there is none. */
function bearerToken(headers: Asked['headers']): string | null {
  const [, token] = /^Bearer +([^\s]+)$/i.exec(headers['authorization'] ?? '') ?? [];
  return token ?? null;
}

const inWords: Readonly<Record<TokenFault, string>> = {
  missing: 'no access token came with the request',
  malformed: 'what came is no access token',
  algorithm: 'the token is signed in a way that is not allowed, or not at all',
  'unknown-key': 'the token is signed with a key that is not the sign-in’s',
  signature: 'the token’s signature is wrong: it was forged or changed',
  issuer: 'the token is of another sign-in',
  audience: 'the token is for something else',
  client: 'the token was given to another program',
  kind: 'the token is no access token',
  'not-yet': 'the token is not yet valid',
  expired: 'the token has expired',
  claims: 'the token does not say who it was given to',
};

/** Never the token, nor anything out of one that is not genuine. */
function refusalRecord({ refused, staff }: RefusedToken, { route, from }: Asked, rules: string): AuditEntry {
  return {
    action: 'sign-in.refuse',
    agent: { who: staff ?? 'unknown', role: 'not signed in' },
    source: `portal ${from}`,
    part: null,
    outcome: 'refused',
    reason: inWords[refused],
    changed: false,
    rules,
    detail: { fault: refused, route },
  };
}
