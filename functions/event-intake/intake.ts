import { decideRefusedAnswers } from '../domain/decide.ts';
import type { Fault } from '../domain/event.ts';
import type { Instant } from '../domain/instant.ts';
import { type Patient, unknownPatient } from '../domain/patient.ts';
import { loadDecideCommit } from '../load-decide-commit.ts';
import { type Canaries, canarySource } from '../ports/door.ts';
import { PatientErased } from '../ports/patients.ts';
import type { SetAsides } from '../ports/set-aside.ts';
import { type ReceivingPorts, receiveEvent } from '../receive-event.ts';
import { type Answers, type BusMessage, isUuid, readBusMessage } from './bus-message.ts';
import { type EarlyAlertPorts, recordEarlyAlert } from './early-alert.ts';

export interface IntakePorts extends ReceivingPorts, Pick<EarlyAlertPorts, 'earlyAlerts'> {
  readonly setAsides: SetAsides;
  readonly canaries: Canaries;
}

/** What became of one message, with what the numbers of the day count. */
export type Intake =
  | { readonly outcome: 'recorded'; readonly patient: string; readonly unreadable: boolean; readonly alerts: number }
  | { readonly outcome: 'duplicate' | 'canary' }
  | { readonly outcome: 'set-aside'; readonly id: string; readonly alerts: number };

/**
 * Takes one message of the bus. Resolves when its effect is in force or it is safely set aside; throws only where neither was
 * possible, so that the queue delivers it again.
 * @param body the message as the queue holds it: an EventBridge envelope in JSON.
 */
export async function intake(ports: IntakePorts, body: string, now: Instant): Promise<Intake> {
  const message = readBusMessage(body, ports.clinic);
  if (message === null) return setAside(ports, body, [{ path: '', message: 'is not a message of the bus' }], null, now);
  const canary = message.source === canarySource ? message.detail['id'] : null;
  if (isUuid(canary)) {
    await ports.canaries.arrived(canary, now);
    return { outcome: 'canary' };
  }
  const taken = await take(ports, body, message, now);
  await recordEarlyAlert(ports, message, now);
  return taken;
}

async function take(ports: IntakePorts, body: string, message: BusMessage, now: Instant): Promise<Intake> {
  const { detail, detailType } = message;
  const received =
    'type' in detail && detail['type'] !== detailType
      ? { outcome: 'refused' as const, faults: [{ path: 'type', message: 'differs from the detail-type' }] }
      : await receiveEvent(ports, { ...detail, type: detailType }, now);
  if (received.outcome === 'refused') return setAside(ports, body, received.faults, message, now);
  if (received.outcome === 'duplicate') return { outcome: 'duplicate' };
  const { patient, change } = received;
  return { outcome: 'recorded', patient, unreadable: change.unreadable, alerts: change.changedAlerts.length };
}

/** First the answer that may stand between a patient and harm, then the message itself: a crash in between repeats both. */
async function setAside(
  ports: IntakePorts,
  body: string,
  faults: readonly Fault[],
  message: BusMessage | null,
  now: Instant,
): Promise<Intake> {
  const id = await ports.pseudonyms.event(body);
  const answers = message?.answers ?? null;
  const safety = answers === null ? nothingRaised : await raiseSafety(ports, answers, id, now);
  const { alerts } = safety;
  const reason = [...faults, ...safety.faults]
    .map(({ path, message: what }) => (path === '' ? what : `${path}: ${what}`))
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
  { patient, reading }: Answers,
  message: string,
  now: Instant,
): Promise<Raised> {
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
