import type { Alert } from '../domain/alert.ts';
import type { AlertTrigger, AnswerResult } from '../domain/alert-lifecycle.ts';
import { alertLine, alertView } from '../domain/alert-view.ts';
import { decideAlert } from '../domain/decide-alert.ts';
import type { Instant } from '../domain/instant.ts';
import type { Patient, PatientId } from '../domain/patient.ts';
import { refusedAccess } from '../domain/refused-access.ts';
import { mayKnowOf, type Person, sightOf } from '../domain/staff-access.ts';
import { loadDecideCommit } from '../load-decide-commit.ts';
import { PatientErased } from '../ports/patients.ts';
import { type ApiAnswer, failed, ok } from './answer.ts';
import type { AlertApiPorts } from './ports.ts';
import { refusalRecord, sourceOf } from './records.ts';
import { type ApiRequest, alertIdPattern, answerSchemas, readBody } from './request.ts';

/** A request about one alert, by somebody whose role sees contents. */
interface AboutOne {
  readonly person: Person;
  readonly from: string;
  readonly alertId: string;
  readonly patient: PatientId;
}

/** What became of a look or an answer. */
interface Outcome {
  readonly result: AnswerResult;
  readonly reason: string;
  /** The patient afterwards. */
  readonly patient: Patient;
  /** As it is now; undefined: it has ended. */
  readonly alert: Alert | undefined;
}

/** Shows one alert, and records that it was shown. It changes nothing: mail scanners follow links, too. */
export async function showAlert(ports: AlertApiPorts, person: Person, request: ApiRequest): Promise<ApiAnswer> {
  const about = await find(ports, person, request, 'alert.view');
  if ('status' in about) return about;
  const now = ports.now();
  const outcome = await tell(ports, about, { kind: 'seen' }, now);
  if (outcome === null) return failed('unknown');
  const { alert, patient } = outcome;
  if (alert === undefined) return failed('ended');
  const events = await ports.patients.history(about.patient);
  return ok(alertView(patient, alert, events[0]?.patient ?? null, ports.clinic, now));
}

const kinds = ['acknowledge', 'snooze', 'resolve'] as const;
export type AnswerKind = (typeof kinds)[number];

/** Takes one person's answer to an alert: one transaction with its audit record, a refusal too. */
export async function answerAlert(
  ports: AlertApiPorts,
  person: Person,
  request: ApiRequest,
  kind: AnswerKind,
): Promise<ApiAnswer> {
  const about = await find(ports, person, request, `alert.${kind}`);
  if ('status' in about) return about;
  const read = readAnswer(kind, request);
  if ('status' in read) return read;
  const outcome = await tell(ports, about, read, ports.now());
  if (outcome === null) return failed('unknown');
  const { result, reason, alert } = outcome;
  const line = alert === undefined ? null : alertLine(alert, about.patient);
  const [status, said] = results[result];
  return { status, body: { result: said, reason, alert: line } };
}

/** By the lifecycle's own. `refused-person` cannot come: whoever may know of an alert may answer it. */
const results: { readonly [result in AnswerResult]: readonly [status: number, said: string] } = {
  done: [200, 'done'],
  'seen-late': [409, 'seen-late'],
  'refused-version': [409, 'stale'],
  'refused-content': [409, 'refused'],
  'refused-person': [409, 'refused'],
};

type Said = AlertTrigger extends infer One
  ? One extends { kind: 'seen' | AnswerKind }
    ? Omit<One, 'by' | 'enteredBy' | 'source'>
    : never
  : never;

function readAnswer(kind: AnswerKind, request: ApiRequest): Said | ApiAnswer {
  switch (kind) {
    case 'acknowledge': {
      const read = readBody(answerSchemas.acknowledge, request);
      return 'value' in read ? { kind, ...read.value } : refusedBody(read);
    }
    case 'snooze': {
      const read = readBody(answerSchemas.snooze, request);
      return 'value' in read ? { kind, ...read.value } : refusedBody(read);
    }
    case 'resolve': {
      const read = readBody(answerSchemas.resolve, request);
      return 'value' in read ? { kind, ...read.value } : refusedBody(read);
    }
  }
}

function refusedBody(fault: Exclude<ReturnType<typeof readBody>, { value: unknown }>): ApiAnswer {
  return 'tooLarge' in fault ? failed('too-large') : failed('malformed', fault.faults);
}

/** Whose alert it is. Whoever asks for what is not there, or may see none, stands in the audit. */
async function find(
  { journal, alertIndex, clinic, now, newId }: AlertApiPorts,
  person: Person,
  { alertId, from }: ApiRequest,
  action: string,
): Promise<AboutOne | ApiAnswer> {
  const looked = { person, from, rules: clinic.hash };
  const id = alertId !== undefined && alertIdPattern.test(alertId) ? alertId : null;
  if (sightOf(person) !== 'content') {
    await journal.note(newId(), refusalRecord(looked, action, 'the role includes no alert’s content', id), now());
    return failed('role');
  }
  const patient = id === null ? null : await alertIndex.patientOf(id);
  if (id === null || patient === null) {
    await journal.note(newId(), refusalRecord(looked, action, 'there is no alert of this id', id), now());
    return failed('unknown');
  }
  return { person, from, alertId: id, patient };
}

/**
 * One transaction; null: this person may not know of the alert, which is recorded in the patient's own chain. Of an erased patient
 * nobody may, and it is recorded as for an alert that never was.
 */
async function tell(ports: AlertApiPorts, about: AboutOne, said: Said, now: Instant): Promise<Outcome | null> {
  try {
    return await tellPatient(ports, about, said, now);
  } catch (error) {
    if (!(error instanceof PatientErased)) throw error;
    const { person, from, alertId } = about;
    const looked = { person, from, rules: ports.clinic.hash };
    const entry = refusalRecord(looked, actionOf(said), 'the patient of this alert was erased', alertId);
    await ports.journal.note(ports.newId(), entry, now);
    return null;
  }
}

function actionOf({ kind }: Said): string {
  return `alert.${kind === 'seen' ? 'view' : kind}`;
}

async function tellPatient(
  { patients, clinic, pause }: AlertApiPorts,
  { person, from, alertId, patient: id }: AboutOne,
  said: Said,
  now: Instant,
): Promise<Outcome | null> {
  const source = sourceOf(from);
  let outcome: Outcome | null = null;
  await loadDecideCommit(
    patients,
    id,
    async (patient) => {
      const alert = patient.alerts.find((one) => one.id === alertId);
      if (!mayKnowOf(person, alert ?? null, patient.state.therapist, clinic.escalation, now)) {
        outcome = null;
        return refusedAccess(patient, person, { action: actionOf(said), alertId, source }, clinic.hash, now);
      }
      const { result, reason, change } = decideAlert(
        patient,
        alertId,
        { ...said, by: person.staff, source },
        clinic,
        now,
      );
      const after = change === null ? patient : { ...patient, ...change.patient };
      outcome = { result, reason, patient: after, alert: after.alerts.find((one) => one.id === alertId) };
      return change;
    },
    pause,
  );
  return outcome;
}
