import { decideRefusedAnswers } from '../domain/decide.ts';
import type { Fault } from '../domain/event.ts';
import type { Instant } from '../domain/instant.ts';
import { type Patient, unknownPatient } from '../domain/patient.ts';
import { readQuestionnaire } from '../domain/questionnaire.ts';
import { loadDecideCommit } from '../load-decide-commit.ts';
import { type Canaries, canarySource } from '../ports/door.ts';
import { PatientErased } from '../ports/patients.ts';
import type { SetAsides } from '../ports/set-aside.ts';
import { type ReceivingPorts, receiveEvent } from '../receive-event.ts';

export interface IntakePorts extends ReceivingPorts {
  readonly setAsides: SetAsides;
  readonly canaries: Canaries;
}

/** What became of one message, with what the numbers of the day count. */
export type Intake =
  | { readonly outcome: 'recorded'; readonly patient: string; readonly unreadable: boolean; readonly alerts: number }
  | { readonly outcome: 'duplicate' | 'canary' }
  | { readonly outcome: 'set-aside'; readonly id: string; readonly alerts: number };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Takes one message of the bus. Resolves when its effect is in force or it is safely set aside; throws only where neither was
 * possible, so that the queue delivers it again.
 * @param body the message as the queue holds it: an EventBridge envelope in JSON.
 */
export async function intake(ports: IntakePorts, body: string, now: Instant): Promise<Intake> {
  const envelope = readEnvelope(body);
  const canary = envelope?.source === canarySource ? envelope.detail['id'] : null;
  if (typeof canary === 'string' && uuid.test(canary)) {
    await ports.canaries.arrived(canary, now);
    return { outcome: 'canary' };
  }
  if (envelope === null)
    return setAside(ports, body, [{ path: '', message: 'is not a message of the bus' }], null, now);

  const input = { ...envelope.detail, type: envelope.detailType };
  const received =
    'type' in envelope.detail && envelope.detail['type'] !== envelope.detailType
      ? { outcome: 'refused' as const, faults: [{ path: 'type', message: 'differs from the detail-type' }] }
      : await receiveEvent(ports, input, now);
  if (received.outcome === 'refused') return setAside(ports, body, received.faults, input, now);
  if (received.outcome === 'duplicate') return { outcome: 'duplicate' };
  const { patient, change } = received;
  return { outcome: 'recorded', patient, unreadable: change.unreadable, alerts: change.changedAlerts.length };
}

interface Envelope {
  readonly source: string;
  readonly detailType: string;
  readonly detail: { readonly [key: string]: unknown };
}

function readEnvelope(body: string): Envelope | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isRecord(parsed)) return null;
  const { source, 'detail-type': detailType, detail } = parsed;
  if (typeof source !== 'string' || typeof detailType !== 'string' || !isRecord(detail)) return null;
  return { source, detailType, detail };
}

/** First the answer that may stand between a patient and harm, then the message itself: a crash in between repeats both. */
async function setAside(
  ports: IntakePorts,
  body: string,
  faults: readonly Fault[],
  input: { readonly [key: string]: unknown } | null,
  now: Instant,
): Promise<Intake> {
  const id = await ports.pseudonyms.event(body);
  const safety = input === null ? nothingRaised : await raiseSafety(ports, input, id, now);
  const { alerts } = safety;
  const reason = [...faults, ...safety.faults]
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
  await ports.setAsides.put({ id, at: now, reason, body });
  return { outcome: 'set-aside', id, alerts };
}

interface Raised {
  readonly alerts: number;
  /** What somebody has to be told who looks at the message. */
  readonly faults: readonly Fault[];
}

const nothingRaised: Raised = { alerts: 0, faults: [] };

async function raiseSafety(
  ports: IntakePorts,
  input: { readonly [key: string]: unknown },
  message: string,
  now: Instant,
): Promise<Raised> {
  const { type, patient, data } = input;
  if (type !== 'QuestionnaireSubmitted' || typeof patient !== 'string' || patient === '' || !isRecord(data))
    return nothingRaised;
  const reading = readQuestionnaire(data, ports.clinic.measures);
  const id = await ports.pseudonyms.patient(patient);
  const decide = (loaded: Patient) => decideRefusedAnswers(loaded, reading, message, ports.clinic, now);
  try {
    const change = await loadDecideCommit(ports.patients, id, async (loaded) => decide(loaded), ports.pause);
    return { alerts: change?.changedAlerts.length ?? 0, faults: [] };
  } catch (error) {
    if (!(error instanceof PatientErased)) throw error;
    // There is nobody left to open an alert about; whoever looks at what was set aside has to act.
    return { alerts: 0, faults: decide(unknownPatient(id, '')) === null ? [] : [dangerOfErased] };
  }
}

const dangerOfErased: Fault = {
  path: 'data',
  message: 'an answer to a safety item asks for a person, at once: no alert can be opened',
};

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
