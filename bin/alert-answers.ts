import type { Alert } from '../functions/domain/alert.ts';
import type { AlertTrigger, AnswerResult } from '../functions/domain/alert-lifecycle.ts';
import type { Clinic } from '../functions/domain/clinic.ts';
import { decideAlert } from '../functions/domain/decide-alert.ts';
import type { Instant } from '../functions/domain/instant.ts';
import { loadDecideCommit, type Pause } from '../functions/load-decide-commit.ts';
import type { AlertIndex } from '../functions/ports/alert-index.ts';
import type { Patients } from '../functions/ports/patients.ts';
import { Refused } from './deployment.ts';

export interface AnswerPorts {
  readonly patients: Patients;
  readonly alertIndex: AlertIndex;
  readonly clinic: Clinic;
  readonly pause: Pause;
}

export interface Answered {
  readonly result: AnswerResult;
  readonly reason: string;
  /** As it is now; null where it has ended, or where this person may not see it. */
  readonly alert: Alert | null;
}

/**
 * Gives one person's answer to an alert, or their look at it. Either is one transaction with its audit record, a refusal too.
 * @throws Refused where there never was an alert of this id.
 */
export async function answerAlert(
  { patients, alertIndex, clinic, pause }: AnswerPorts,
  alertId: string,
  trigger: AlertTrigger,
  now: Instant,
): Promise<Answered> {
  const id = await alertIndex.patientOf(alertId);
  if (id === null) throw new Refused('there is no alert of this id: npx tandem alerts list shows those that are open');
  let answered: Answered | undefined;
  await loadDecideCommit(
    patients,
    id,
    async (patient) => {
      const { result, reason, change } = decideAlert(patient, alertId, trigger, clinic, now);
      const alerts = change === null ? patient.alerts : change.patient.alerts;
      const alert = result === 'refused-person' ? undefined : alerts.find((one) => one.id === alertId);
      answered = { result, reason, alert: alert ?? null };
      return change;
    },
    pause,
  );
  if (answered === undefined) throw new Error('nothing was decided');
  return answered;
}
