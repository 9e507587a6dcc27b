import {
  type Alert,
  type AlertChange,
  type AnswerEvidence,
  endedAlert,
  newAlert,
  raisedAlert,
  withEvidence,
} from './alert.ts';
import { sha256Hex } from './canonical.ts';
import type { Clinic } from './clinic.ts';
import type { Instant } from './instant.ts';
import type { Patient, PatientState } from './patient.ts';
import type { Reading } from './questionnaire.ts';
import { compareTiers, type SafetyTier, safetyTier } from './safety.ts';

/** An answer to a safety item, with the one before it and the tier that follows. */
export type SafetySignal = AnswerEvidence & { readonly tier: SafetyTier };

/** What was raised already, by the response's key: an answer calls for a person once, and again only where it means more. */
export type RaisedTiers = { readonly [response: string]: SafetyTier };

/** A signal that calls for a person. */
type RisenSignal = SafetySignal & { readonly tier: Alert['tier'] };

export interface SafetyDecision extends AlertChange {
  readonly raised: RaisedTiers;
}

/** Every answer to a safety item that still stands, in the order of answering. */
export function safetySignals(state: PatientState, clinic: Clinic): SafetySignal[] {
  const previous = new Map<string, number>();
  const signals: SafetySignal[] = [];
  for (const { key, at, reading } of state.responses) {
    if (isWithdrawn(reading)) continue;
    const signal = signalOf(key, at, reading, previous, clinic);
    if (signal === null) continue;
    signals.push(signal);
    if (signal.answer !== null) previous.set(signal.measure, signal.answer);
  }
  return signals;
}

/**
 * PHQ-9 item 9 and its like (domain.md): rules, run on arrival and again in every scan, whatever the consent, the total or
 * the scores say. An alert opens or rises when an answer means more than what was raised for it before; it is withdrawn when
 * no answer it rests on stands any more. It never falls by itself: a lower answer later does not undo what was said.
 */
export function decideSafety(patient: Patient, state: PatientState, clinic: Clinic, now: Instant): SafetyDecision {
  const risen = safetySignals(state, clinic).filter(isRisen(patient));
  if (risen.length > 0) return raise(patient, risen, now);
  const open = patient.alerts.find(({ cause }) => cause === 'safety');
  if (open === undefined || open.evidence.some((evidence) => stillStands(evidence, state)))
    return { open: patient.alerts, changed: [], raised: patient.raised };
  const withdrawn = endedAlert(open, 'withdrawn', 'the answers it rested on were entered in error');
  return { open: patient.alerts.filter((alert) => alert !== open), changed: [withdrawn], raised: patient.raised };
}

/**
 * The same for an answer that came inside a message that was refused: a fault elsewhere in it must not hide item 9.
 * @param key names the message, so that its second delivery adds nothing.
 */
export function decideRefusedSafety(
  patient: Patient,
  reading: Reading,
  key: string,
  clinic: Clinic,
  now: Instant,
): SafetyDecision | null {
  const signal = unrecordedSignal(patient.state, reading, key, clinic, now);
  if (signal === null || !isRisen(patient)(signal)) return null;
  return raise(patient, [signal], now);
}

/** What an answer to a safety item means that is not, or not yet, among the patient's responses. */
export function unrecordedSignal(
  state: PatientState,
  reading: Reading,
  key: string,
  clinic: Clinic,
  now: Instant,
): SafetySignal | null {
  const previous = new Map<string, number>();
  for (const { measure, answer } of safetySignals(state, clinic)) if (answer !== null) previous.set(measure, answer);
  return isWithdrawn(reading) ? null : signalOf(key, now, reading, previous, clinic);
}

/** Whether an answer means more than what was raised for it before. */
function isRisen({ raised }: Patient): (signal: SafetySignal) => signal is RisenSignal {
  return (signal): signal is RisenSignal => compareTiers(signal.tier, raised[signal.response] ?? 'none') > 0;
}

/** The answer cannot be read, yet there is one: a person has to ask. */
const tierOfUnread: SafetyTier = 'list';

function signalOf(
  response: string,
  at: Instant,
  reading: Reading,
  previous: ReadonlyMap<string, number>,
  clinic: Clinic,
): SafetySignal | null {
  const { item9: answer } = reading;
  const unread = reading.outcome === 'refused' && reading.item9Unread;
  if (answer === null && !unread) return null;
  const measure = reading.measure ?? '';
  const before = previous.get(measure) ?? null;
  const tier = answer === null ? tierOfUnread : safetyTier(before, answer, clinic.rules.safety);
  return { basis: 'answer', response, at, measure, previous: before, answer, tier };
}

function raise(patient: Patient, risen: readonly RisenSignal[], now: Instant): SafetyDecision {
  const evidence = risen.map(({ tier: _tier, ...answer }) => answer);
  const worst = risen.map(({ tier }) => tier).reduce((a, b) => (compareTiers(b, a) > 0 ? b : a));
  const open = patient.alerts.find(({ cause }) => cause === 'safety');
  const others = patient.alerts.filter((alert) => alert !== open);
  const alert =
    open === undefined ? openAlert(patient, 'safety', worst, evidence, now) : added(open, worst, evidence, now);
  const raised = Object.fromEntries(risen.map(({ response, tier }) => [response, tier]));
  return { open: [...others, alert], changed: [alert], raised: { ...patient.raised, ...raised } };
}

/** A new alert. Its id is opaque, and the same on every retry of the same decision. */
export function openAlert(
  patient: Patient,
  cause: Alert['cause'],
  tier: Alert['tier'],
  evidence: Alert['evidence'],
  now: Instant,
): Alert {
  const place = `${patient.id}\u0000${patient.version + 1}\u0000${cause}`;
  const id = `a-${sha256Hex('tandem.alert.v1\u0000', place).slice(0, 26)}`;
  return newAlert({ id, cause, tier, evidence }, now);
}

function added(open: Alert, tier: Alert['tier'], evidence: Alert['evidence'], now: Instant): Alert {
  const rises = compareTiers(tier, open.tier) > 0;
  return rises ? raisedAlert(open, tier, evidence, now) : withEvidence(open, evidence);
}

/** Evidence from a refused message has no response of its own: nothing can take it back but a person. */
function stillStands(evidence: Alert['evidence'][number], state: PatientState): boolean {
  const response = state.responses.find(({ key }) => evidence.basis === 'answer' && key === evidence.response);
  return response === undefined || !isWithdrawn(response.reading);
}

function isWithdrawn(reading: Reading): boolean {
  return reading.outcome === 'refused' && reading.kind === 'withdrawn';
}
