import type { AuditRecord } from '../functions/domain/audit-chain.ts';

/** A record as a chain holds it, with some of it replaced. */
export function auditRecord(change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    version: 1,
    chain: 'p-a',
    sequence: 1,
    recordedAt: '2026-03-02T15:00:00.000Z',
    action: 'alert.view',
    agent: { who: 't-7', role: 'therapist' },
    source: 'portal 203.0.113.7',
    part: 'alert',
    outcome: 'success',
    reason: 'looked at it',
    changed: false,
    rules: 'sha256:00',
    detail: { alert: 'a-1' },
    ...change,
  };
}

/** A referral that is not treatment, as an answer to an alert records it. */
export const referral = auditRecord({
  action: 'alert.resolve',
  changed: true,
  reason: 'resolved: referred',
  detail: {
    alert: 'a-1',
    outcome: {
      code: 'referred',
      disclosure: { recipient: 'County Crisis Team, 1 Main St', what: 'the last answers', purpose: 'a welfare check' },
    },
  },
});
