import type { Alert } from './alert.ts';
import type { EscalationPlan, Role, StaffId } from './escalation-plan.ts';
import type { Instant } from './instant.ts';
import { standInFor } from './on-call.ts';

/** A signed-in person. A role counts where both the sign-in and the staff list of escalation.yaml give it. */
export interface Person {
  readonly staff: StaffId;
  readonly roles: readonly Role[];
}

/** @param granted the roles that the sign-in gives; others than Tandem knows are passed over */
export function personOf(staff: StaffId, granted: readonly string[], plan: EscalationPlan): Person {
  const listed = plan.staff.find(({ id }) => id === staff)?.roles ?? [];
  return { staff, roles: listed.filter((role) => granted.includes(role)) };
}

/**
 * How much of alerts somebody may see by role. `content`: those of the patients they may know of, whole. `states`: that they are
 * there and how they stand, without a word about a patient. Who answers for the audit sees the audit and no alerts.
 */
export type Sight = 'content' | 'states' | 'nothing';

export function sightOf({ roles }: Person): Sight {
  if (roles.some((role) => role === 'therapist' || seesEveryPatient(role))) return 'content';
  return roles.includes('operator') ? 'states' : 'nothing';
}

/**
 * Whether somebody may know of a patient's alert: supervisors and clinical leads of every one, a therapist of those of their own
 * patients, of those they stand in for at this moment, and of those they were asked about. Whoever may know may answer.
 * @param alert null: it has ended, and who was asked is not looked up any more
 * @param therapist the patient's own
 */
export function mayKnowOf(
  { staff, roles }: Person,
  alert: Pick<Alert, 'told'> | null,
  therapist: StaffId | null,
  plan: EscalationPlan,
  now: Instant,
): boolean {
  if (roles.some(seesEveryPatient)) return true;
  if (!roles.includes('therapist')) return false;
  if (alert?.told.includes(staff) === true) return true;
  return therapist !== null && (therapist === staff || standInFor(therapist, plan, now) === staff);
}

function seesEveryPatient(role: Role): boolean {
  return role === 'supervisor' || role === 'clinical-lead';
}
