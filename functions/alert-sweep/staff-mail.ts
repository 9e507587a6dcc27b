import type { EscalationPlan, StaffId } from '../domain/escalation-plan.ts';
import type { AlertMail } from '../ports/alert-mail.ts';

/**
 * Everybody of the escalation plan whom no e-mail reaches. A mail scanner that follows an unsubscribe link, or a confirmation
 * nobody clicked, is silent; this comparison is not.
 */
export async function staffWithoutMail(alertMail: AlertMail, plan: EscalationPlan): Promise<StaffId[]> {
  const missing: StaffId[] = [];
  for (const { id } of plan.staff) if (!(await alertMail.isConfirmed(id))) missing.push(id);
  return missing;
}
