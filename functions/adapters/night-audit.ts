import type { AuditEntry } from '../domain/audit-chain.ts';
import type { NightLine, NightResult, NightRun } from '../domain/night.ts';

/** Records of what a scan does that belongs to no patient, or to one whose own record cannot be written. */
function scanRecord(
  action: string,
  night: string,
  rules: string,
  reason: string,
  detail: AuditEntry['detail'],
): AuditEntry {
  return {
    action,
    agent: { who: 'tandem', role: 'system' },
    source: 'scan',
    part: null,
    outcome: 'success',
    reason,
    changed: true,
    rules,
    detail: { night, ...detail },
  };
}

export function openingRecord({ night, rules, until }: NightRun): AuditEntry {
  const whom = until === null ? 'the rules have changed: everyone is looked at' : 'a new night';
  return scanRecord('scan.open', night, rules, whom, {});
}

export function closingRecord({ night, rules }: NightRun, { at: _at, ...counts }: NightResult): AuditEntry {
  return scanRecord(
    'scan.close',
    night,
    rules,
    counts.missed === 0 ? 'everybody is accounted for' : 'somebody was missed',
    {
      ...counts,
    },
  );
}

export function setAsideRecord({ night, patient }: NightLine, rules: string, reason: string): AuditEntry {
  return scanRecord('scan.set-aside', night, rules, reason, { patient });
}
