import type { Alert } from '../functions/domain/alert.ts';
import { decideNote } from '../functions/domain/decide-note.ts';
import {
  type EmergencyLook,
  emergencyNotice,
  emergencyRecord,
  emergencySubject,
  longestEmergencyReason,
} from '../functions/domain/emergency-access.ts';
import type { StaffId } from '../functions/domain/escalation-plan.ts';
import type { Instant } from '../functions/domain/instant.ts';
import { staffWith } from '../functions/domain/on-call.ts';
import { loadDecideCommit } from '../functions/load-decide-commit.ts';
import type { AlertMail } from '../functions/ports/alert-mail.ts';
import type { Operators } from '../functions/ports/operators.ts';
import type { AnswerPorts } from './alert-answers.ts';
import { Refused } from './deployment.ts';

export interface EmergencyPorts extends AnswerPorts {
  readonly operators: Operators;
  readonly alertMail: AlertMail;
}

/**
 * Shows an alert to somebody who may not see it but cannot wait ("break glass"). The record comes first, then the operators and
 * whoever answers for compliance are told, then it is shown.
 * @returns the alert, null where it has ended; and whether any of those could not be told.
 * @throws Refused where the reason is none, there never was such an alert, or the person is not on the staff list.
 */
export async function emergencyLook(
  { patients, alertIndex, clinic, pause, operators, alertMail }: EmergencyPorts,
  look: EmergencyLook,
  now: Instant,
): Promise<{ readonly alert: Alert | null; readonly untold: boolean }> {
  const reason = look.reason.trim().toWellFormed();
  if (reason === '' || reason.length > longestEmergencyReason)
    throw new Refused(`--emergency: write in 1 to ${longestEmergencyReason} characters why it cannot wait`);
  const id = await alertIndex.patientOf(look.alert);
  if (id === null) throw new Refused('there is no alert of this id: npx tandem alerts list shows those that are open');
  const record = emergencyRecord({ ...look, reason }, clinic.escalation);
  let alert: Alert | null = null;
  await loadDecideCommit(
    patients,
    id,
    async (patient) => {
      alert = patient.alerts.find((one) => one.id === look.alert) ?? null;
      return decideNote(patient, record, clinic, now);
    },
    pause,
  );
  if (record.outcome === 'refused') throw new Refused('not done: emergency access is for people on the staff list');
  const body = emergencyNotice(look.alert, now);
  const told = await Promise.allSettled([
    operators.alert(body),
    ...staffWith('compliance', clinic.escalation).map((staff) => mailTo(alertMail, staff, body)),
  ]);
  return { alert, untold: told.some(({ status }) => status === 'rejected') };
}

/** SNS takes what nobody gets without a word. */
async function mailTo(alertMail: AlertMail, staff: StaffId, body: string): Promise<void> {
  if (!(await alertMail.isConfirmed(staff))) throw new Error('no confirmed address');
  await alertMail.send(staff, { subject: emergencySubject, body });
}
