import type { Alert } from '../functions/domain/alert.ts';
import { decideNote } from '../functions/domain/decide-note.ts';
import {
  type EmergencyLook,
  emergencyNotice,
  emergencyRecord,
  longestEmergencyReason,
} from '../functions/domain/emergency-access.ts';
import type { Instant } from '../functions/domain/instant.ts';
import { loadDecideCommit } from '../functions/load-decide-commit.ts';
import type { Operators } from '../functions/ports/operators.ts';
import type { AnswerPorts } from './alert-answers.ts';
import { Refused } from './deployment.ts';

/**
 * Shows an alert to somebody who may not see it but cannot wait ("break glass"). The record comes first, then the operators are
 * told, then it is shown.
 * @returns the alert, null where it has ended; and whether the operators could not be told.
 * @throws Refused where the reason is none, there never was such an alert, or the person is not on the staff list.
 */
export async function emergencyLook(
  { patients, alertIndex, clinic, pause, operators }: AnswerPorts & { readonly operators: Operators },
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
  const untold = await operators.alert(emergencyNotice(look.alert, now)).then(
    () => false,
    () => true,
  );
  return { alert, untold };
}
