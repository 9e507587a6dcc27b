import { decideGapRecord, type EarlyAlert, earlyRecipients, mayBeUrgent } from '../domain/early-alert.ts';
import type { StaffId } from '../domain/escalation-plan.ts';
import type { Instant } from '../domain/instant.ts';
import { type Patient, unknownPatient } from '../domain/patient.ts';
import { mailOf } from '../domain/staff-mail.ts';
import { loadDecideCommit } from '../load-decide-commit.ts';
import type { AlertMail, Mail } from '../ports/alert-mail.ts';
import type { EarlyAlerts } from '../ports/early-alerts.ts';
import type { Operators } from '../ports/operators.ts';
import { PatientErased } from '../ports/patients.ts';
import type { ReceivingPorts } from '../receive-event.ts';
import { type Answers, type BusMessage, readBusMessage } from './bus-message.ts';

export interface EarlyAlertPorts extends ReceivingPorts {
  readonly earlyAlerts: EarlyAlerts;
  readonly alertMail: AlertMail;
  readonly operators: Operators;
  /** The same, or an error where it takes longer than an alert can wait for it. */
  readonly soon: <T>(work: Promise<T>) => Promise<T>;
}

/** What went out at this delivery. */
export interface SentEarly {
  readonly reference: string;
  readonly told: number;
  /** Staff whom it did not reach. */
  readonly missed: readonly StaffId[];
}

/**
 * For a message that could not be taken: where it holds an urgent answer, people are told at once, from the message itself.
 * Nothing that fails on the way but the mail itself keeps it back. At its next delivery only those are told whom it has not reached.
 *
 *     find who was told -> load the patient -> e-mail each -> tell the operators -> keep who was told
 *
 * A crash before "keep" sends it once more.
 * @returns null where there is nothing urgent in it, or everybody has been told.
 * @throws where it reached nobody, or it could not be kept whom.
 */
export async function alertEarly(ports: EarlyAlertPorts, body: string, now: Instant): Promise<SentEarly | null> {
  const message = readBusMessage(body, ports.clinic);
  if (message === null || message.answers === null || !mayBeUrgent(message.answers.reading)) return null;
  const { answers } = message;
  const reference = message.reference ?? 'none';
  const kept = await ports.soon(earlyAlertOf(ports, message)).catch(() => null);
  const patient = await patientOf(ports, answers);
  if (patient === null) return null;
  const recipients = earlyRecipients(patient, answers.reading, reference, ports.clinic, now);
  const waiting = recipients?.filter((id) => !kept?.told.includes(id)) ?? [];
  if (waiting.length === 0) return null;

  const told: StaffId[] = [];
  for (const id of waiting)
    if (await reaches(ports, id, mailOf(ports.clinic, 'earlyAlert', { reference }))) told.push(id);
  const sent = { reference, told: told.length, missed: waiting.filter((id) => !told.includes(id)) };
  const operatorsKnow = await tellOperators(ports, sent);
  if (told.length === 0 && !operatorsKnow)
    throw new Error('an urgent answer could be neither recorded nor told to anybody');
  const early = { reference, at: kept?.at ?? now, told: [...(kept?.told ?? []), ...told], isRecorded: false };
  if (message.reference !== null) await ports.earlyAlerts.keep(early, now);
  return sent;
}

/**
 * For a message that was taken: where an alert went out before, its gap record is written. A crash before "keep" writes that
 * record once more.
 */
export async function recordEarlyAlert(
  ports: ReceivingPorts & Pick<EarlyAlertPorts, 'earlyAlerts'>,
  message: BusMessage,
  now: Instant,
): Promise<void> {
  const { answers } = message;
  if (answers === null || !mayBeUrgent(answers.reading)) return;
  const early = await earlyAlertOf(ports, message);
  if (early === null || early.isRecorded) return;
  const id = await ports.pseudonyms.patient(answers.patient);
  try {
    const record = async (patient: Patient) => decideGapRecord(patient, early, ports.clinic, now);
    await loadDecideCommit(ports.patients, id, record, ports.pause);
  } catch (error) {
    // Nothing of theirs can be written any more.
    if (!(error instanceof PatientErased)) throw error;
  }
  await ports.earlyAlerts.keep({ ...early, isRecorded: true }, now);
}

async function earlyAlertOf(
  { earlyAlerts }: Pick<EarlyAlertPorts, 'earlyAlerts'>,
  { reference }: BusMessage,
): Promise<EarlyAlert | null> {
  return reference === null ? null : earlyAlerts.find(reference);
}

/** Nobody known where they cannot be read: the supervisors are told then. null: they were erased, and nobody has to be told. */
async function patientOf({ pseudonyms, patients, soon }: EarlyAlertPorts, answers: Answers): Promise<Patient | null> {
  try {
    return await soon(pseudonyms.patient(answers.patient).then((id) => patients.load(id)));
  } catch (error) {
    return error instanceof PatientErased ? null : unknownPatient('', '');
  }
}

/** One person's mail must not keep the others' back. */
async function reaches({ alertMail }: EarlyAlertPorts, id: StaffId, mail: Mail): Promise<boolean> {
  try {
    if (!(await alertMail.isConfirmed(id))) return false;
    await alertMail.send(id, mail);
    return true;
  } catch {
    return false;
  }
}

async function tellOperators(
  { operators, clinic }: EarlyAlertPorts,
  { reference, told, missed }: SentEarly,
): Promise<boolean> {
  const reached = missed.length === 0 ? '' : ` It did not reach ${missed.join(', ')}: telephone them.`;
  try {
    await operators.alert(
      `An urgent answer could not be recorded, so its alert went out before its record, to ${told} of the staff.${reached} ` +
        `Nobody can answer it on the page before it is recorded. Reference ${reference}.\n\n` +
        `What to do: docs/operations.md#alert-before-its-record\nStage: ${clinic.settings.deployment.stage}`,
    );
    return true;
  } catch {
    return false;
  }
}
