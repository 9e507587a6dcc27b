import type { AuditEntry } from './audit-chain.ts';
import type { EscalationPlan, StaffId } from './escalation-plan.ts';

/** The action of a record of emergency access ("break glass"), 45 CFR 164.312(a)(2)(ii). */
export const emergencyAccess = 'access.emergency';

/** The most characters of a reason. */
export const longestEmergencyReason = 500;

export interface EmergencyLook {
  readonly by: StaffId;
  /** Who typed it, where that may be another person. */
  readonly enteredBy: string;
  readonly source: string;
  readonly alert: string;
  /** Why it could not wait, in the person's words: 1 to 500 characters. */
  readonly reason: string;
}

/**
 * The record of somebody who opens an alert that is not theirs because it cannot wait. Whoever is on the staff list may; who is
 * not is refused, and that is recorded, too.
 */
export function emergencyRecord(
  { by, enteredBy, source, alert, reason }: EmergencyLook,
  plan: EscalationPlan,
): Omit<AuditEntry, 'rules'> {
  const person = plan.staff.find(({ id }) => id === by);
  return {
    action: emergencyAccess,
    agent: { who: by, role: person?.roles.join(', ') ?? 'not on the staff list' },
    source,
    part: 'alert',
    outcome: person === undefined ? 'refused' : 'success',
    reason,
    changed: false,
    detail: { alert, enteredBy, plan: plan.hash },
  };
}

/** The subject of the notice, always the same: SNS does not encrypt it. */
export const emergencySubject = 'Tandem: emergency access';

/** What the operators and the compliance officer are told: it leaves in clear, so it names nobody. */
export function emergencyNotice(alert: string, at: string): string {
  return (
    `Emergency access at ${at}: somebody opened the alert ${alert} that is not theirs, and said that it could not wait. ` +
    'Who and why stands in the audit. The compliance officer looks at it: npx tandem audit review.'
  );
}
