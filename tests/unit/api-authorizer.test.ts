import { describe, expect, it } from 'vitest';
import { type AuthorizePorts, authorize } from '../../functions/api-authorizer/authorize.ts';
import type { AuditEntry } from '../../functions/domain/audit-chain.ts';
import type { RefusedToken, SignedIn } from '../../functions/ports/tokens.ts';

const now = '2026-03-02T10:00:00.000Z';

function portsWith(answer: SignedIn | RefusedToken | Error) {
  const notes: [string, AuditEntry, string][] = [];
  const seen: (string | null)[] = [];
  const ports: AuthorizePorts = {
    tokens: {
      check: async (token) => {
        seen.push(token);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    journal: {
      note: async (...note) => {
        notes.push(note);
      },
    },
    rules: 'sha256:rules',
    now: () => now,
    newId: () => 'an-id',
  };
  return { ports, notes, seen };
}

const asked = (authorization?: string) => ({
  headers: authorization === undefined ? {} : { authorization },
  route: 'GET /api/alerts',
  from: '203.0.113.7',
});

describe('the check in front of every route', () => {
  it('lets a good token in, says whose it is, and records nothing', async () => {
    const { ports, notes } = portsWith({ staff: 't-7', roles: ['therapist'] });
    expect(await authorize(ports, asked('Bearer good'))).toEqual({ fault: null, staff: 't-7', roles: ['therapist'] });
    expect(notes).toEqual([]);
  });

  it.each([
    ['Bearer abc.def', 'abc.def'],
    ['bearer   abc', 'abc'],
    [undefined, null],
    ['', null],
    ['Basic abc', null],
    ['Bearer', null],
    ['Bearer a b', null],
  ])('reads %j as the token %j', async (header, token) => {
    const { ports, seen } = portsWith({ staff: 't-7', roles: [] });
    await authorize(ports, asked(header));
    expect(seen).toEqual([token]);
  });

  it('records a refusal before it is given: why, from where, for which route, and never the token', async () => {
    const { ports, notes } = portsWith({ refused: 'signature', staff: null });
    expect(await authorize(ports, asked('Bearer Qvx.Qvx.Qvx'))).toEqual({ fault: 'signature' });
    expect(notes).toEqual([
      [
        'an-id',
        {
          action: 'sign-in.refuse',
          agent: { who: 'unknown', role: 'not signed in' },
          source: 'portal 203.0.113.7',
          part: null,
          outcome: 'refused',
          reason: 'the token’s signature is wrong: it was forged or changed',
          changed: false,
          rules: 'sha256:rules',
          detail: { fault: 'signature', route: 'GET /api/alerts' },
        },
        now,
      ],
    ]);
    expect(JSON.stringify(notes)).not.toContain('Qvx');
  });

  it('says whose an expired token was', async () => {
    const { ports, notes } = portsWith({ refused: 'expired', staff: 't-7' });
    await authorize(ports, asked('Bearer old'));
    expect(notes[0]?.[1].agent).toEqual({ who: 't-7', role: 'not signed in' });
  });

  it('lets nobody in where it cannot be told who is asking, or a refusal cannot be recorded', async () => {
    const unreachable = portsWith(new Error('unreachable'));
    await expect(authorize(unreachable.ports, asked('Bearer x'))).rejects.toThrow('unreachable');
    const { ports } = portsWith({ refused: 'missing', staff: null });
    const journal = { note: () => Promise.reject(new Error('table away')) };
    await expect(authorize({ ...ports, journal }, asked())).rejects.toThrow('table away');
  });
});
