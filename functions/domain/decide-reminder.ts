import { type Alert, type AlertChange, alertsInAudit, endedAlert, hasEnded, withEvidence } from './alert.ts';
import type { AuditEntry } from './audit-chain.ts';
import { sha256OfText } from './canonical.ts';
import type { Clinic } from './clinic.ts';
import type { Change } from './decide.ts';
import { toEpoch } from './epoch.ts';
import type { ClinicalEvent } from './event.ts';
import { fold } from './fold.ts';
import type { Instant } from './instant.ts';
import type { Patient, PatientSnapshot } from './patient.ts';
import { type Channel, type Refusal, type ReminderRecord, remindedPatient, withRecords } from './reminder.ts';
import { calendarOf } from './reminder-calendar.ts';
import { claimedUntil, nextLook, silenceOf } from './reminder-look.ts';
import { channelsOf, isRemindable } from './reminder-obstacles.ts';
import { decideReminder, type PlannedReminder } from './reminder-plan.ts';
import { decideRound } from './reminder-round.ts';
import { trialFor } from './reminder-trial.ts';
import { reviewAfterReminders } from './review.ts';
import { openAlert } from './safety-alert.ts';

/** What a round does about one patient's reminders. */
export interface ReminderRoundDecision {
  readonly change: Change;
  /** Claimed by the change: to be sent once that is committed, and not before; null: nothing. */
  readonly send: PlannedReminder | null;
}

/**
 * What a round finds about one patient; null where there is nothing to do: somebody has looked meanwhile, or is just sending.
 *
 *     claim committed ──► loaded again, asked again ──► sent ──► outcome committed
 *              └────────────── a crash anywhere here ──────────────┘
 *                the next round finds the claim without an outcome: "unknown", and it is not sent again
 *
 * @param history every stored event where `reviewNeedsHistory` says so, else null.
 */
export function decideReminderRound(
  patient: Patient,
  history: readonly ClinicalEvent[] | null,
  clinic: Clinic,
  now: Instant,
): ReminderRoundDecision | null {
  if (patient.reminderAt === null || patient.reminderAt > now) return null;
  const claims = patient.reminders.filter(({ outcome }) => outcome === 'claimed');
  if (claims.some((claim) => claimedUntil(claim) > now)) return null;
  const lost = claims.map((claim): ReminderRecord => ({ ...claim, outcome: 'unknown' }));
  const state = history === null ? patient.state : fold(history, clinic);
  const known = { ...patient, state, reminders: withRecords(patient.reminders, lost) };
  const { records, send } = decideRound(remindedPatient(known), clinic, now, trialFor(clinic, patient.id));
  const silence = decideSilence(known, clinic, now);
  const next: PatientSnapshot = {
    ...known,
    reminders: withRecords(known.reminders, records),
    alerts: silence.open,
    gaveUpAfter: silence.gaveUpAfter,
  };
  const change = changeOf(next, clinic, now, {
    foldedUnder: clinic.hash,
    reminders: [...lost, ...records],
    changedAlerts: silence.changed,
    audit: { action: 'reminder.decide', outcome: 'success', reason: roundInWords(send, records, lost) },
  });
  return { change, send };
}

/** Whether a claimed reminder may go out at this very moment, and by which channels: the preferred one first. */
export type ReminderRecheck =
  | { readonly verdict: 'send'; readonly channels: readonly [Channel, ...Channel[]]; readonly crisisLine: boolean }
  | { readonly verdict: 'cancel'; readonly change: Change };

/**
 * Asks once more, right before the send, with the patient as loaded anew: what they did since the claim holds. Null: the claim
 * is no longer there to be kept.
 */
export function decideReminderRecheck(
  patient: Patient,
  key: string,
  clinic: Clinic,
  now: Instant,
): ReminderRecheck | null {
  const claim = claimOf(patient, key);
  if (claim === undefined) return null;
  const reminded = remindedPatient(patient);
  const decision = decideReminder(reminded, key, clinic, now);
  if (decision.outcome === 'send') {
    const { channel, crisisLine } = decision;
    const others = channelsOf(reminded).filter((one) => one !== channel);
    return { verdict: 'send', channels: [channel, ...others], crisisLine };
  }
  const dropped: ReminderRecord = { ...claim, outcome: 'dropped', reason: decision.reason };
  return {
    verdict: 'cancel',
    change: changeOfRecord(patient, dropped, clinic, now, {
      action: 'reminder.cancel',
      outcome: 'success',
      reason: `not sent, since what was so at the claim is so no longer: ${decision.reason}`,
    }),
  };
}

/** What became of a send. `waiting`: the service was busy and took nothing, so that the claim is given back. */
export type ReminderOutcome =
  | { readonly outcome: 'sent'; readonly channel: Channel }
  | { readonly outcome: 'failed'; readonly channel: Channel; readonly reason: Exclude<Refusal, 'busy'> }
  | { readonly outcome: 'waiting' };

/**
 * Notes what became of a claimed reminder; null: the claim is no longer there. Where the channel says that the patient has opted
 * out, that holds from this same commit on.
 */
export function decideReminderOutcome(
  patient: Patient,
  key: string,
  result: ReminderOutcome,
  clinic: Clinic,
  now: Instant,
): Change | null {
  const claim = claimOf(patient, key);
  if (claim === undefined) return null;
  if (result.outcome === 'waiting') {
    const audit = { action: 'reminder.return', outcome: 'refused', reason: 'the channel was busy' } as const;
    return changeOfRecord(patient, { ...claim, outcome: 'waiting', reason: 'busy' }, clinic, now, audit);
  }
  const { outcome, channel } = result;
  if (outcome === 'sent') {
    const audit = { action: 'reminder.send', outcome: 'success', reason: 'the channel took it' } as const;
    return changeOfRecord(patient, { ...claim, outcome, channel }, clinic, now, audit);
  }
  const { reason } = result;
  const others = patient.refusals.filter((one) => one.channel !== channel);
  const refused = reason === 'opted-out' ? { ...patient, refusals: [...others, { channel, at: now }] } : patient;
  return changeOfRecord(refused, { ...claim, outcome, channel, reason }, clinic, now, {
    action: 'reminder.send',
    outcome: 'refused',
    reason: `the channel did not take it: ${reason}`,
  });
}

function claimOf({ reminders }: Patient, key: string): ReminderRecord | undefined {
  return reminders.find((record) => record.key === key && record.outcome === 'claimed');
}

/** Where no more reminders are sent since none is answered, a person is asked to look, once for each silence. */
function decideSilence(
  patient: Patient,
  clinic: Clinic,
  now: Instant,
): AlertChange & Pick<PatientSnapshot, 'gaveUpAfter'> {
  const { gaveUpAfter } = patient;
  const alert = patient.alerts.find(({ cause }) => cause === 'unanswered');
  const calendar = calendarOf(remindedPatient(patient), clinic);
  const silence = calendar === null ? null : silenceOf(calendar);
  if (calendar === null || silence === null || silence.from > now) {
    const closed = 'no longer silent, or reminded by other rules';
    return { ...replaced(patient, alert, alert && endedAlert(alert, 'closed', closed)), gaveUpAfter };
  }
  const { heardOf } = silence;
  if (gaveUpAfter === heardOf || !isRemindable(toEpoch(now), calendar)) return { ...replaced(patient), gaveUpAfter };
  const evidence = [{ basis: 'reminders' as const, at: now, unanswered: silence.unanswered(now) }];
  const next =
    alert === undefined ? openAlert(patient, 'unanswered', 'list', evidence, now) : withEvidence(alert, evidence);
  return { ...replaced(patient, alert, next), gaveUpAfter: heardOf };
}

function replaced({ alerts }: Patient, before?: Alert, after?: Alert): AlertChange {
  if (after === undefined) return { open: alerts, changed: [] };
  const others = alerts.filter((one) => one !== before);
  return { open: hasEnded(after) ? others : [...others, after], changed: [after] };
}

function changeOfRecord(patient: Patient, record: ReminderRecord, clinic: Clinic, now: Instant, audit: Said): Change {
  const next = { ...patient, reminders: withRecords(patient.reminders, [record]) };
  return changeOf(next, clinic, now, {
    foldedUnder: patient.foldedUnder ?? clinic.hash,
    reminders: [record],
    changedAlerts: [],
    audit,
  });
}

type Said = Pick<AuditEntry, 'action' | 'outcome' | 'reason'>;

function changeOf(
  next: PatientSnapshot,
  clinic: Clinic,
  now: Instant,
  done: Pick<Change, 'foldedUnder' | 'reminders' | 'changedAlerts'> & { readonly audit: Said },
): Change {
  return {
    ...done,
    at: now,
    patient: {
      ...next,
      reminderAt: nextLook(next, clinic, now),
      reviewAt: reviewAfterReminders(next.reviewAt, done.reminders, now),
    },
    assessments: [],
    event: null,
    night: null,
    unreadable: false,
    audit: {
      agent: { who: 'tandem', role: 'system' },
      source: 'reminder round',
      part: 'reminders',
      changed: true,
      rules: clinic.hash,
      detail: { reminders: done.reminders.map(inAudit), alerts: alertsInAudit(done.changedAlerts) },
      ...done.audit,
    },
  };
}

/** Never the text or the address; the key names a module or a moment, so its hash stands for it. */
function inAudit({ key, kind, channel, outcome, reason, trial }: ReminderRecord) {
  const drawn = trial && { name: trial.name, probability: trial.probability, arm: trial.arm };
  return { reminder: reminderId(key), kind, channel, outcome, reason, ...(drawn && { trial: drawn }) };
}

/** An opaque name of a reminder, for where its key may not stand. */
export function reminderId(key: string): string {
  return sha256OfText(key);
}

function roundInWords(
  send: PlannedReminder | null,
  records: readonly ReminderRecord[],
  lost: readonly ReminderRecord[],
): string {
  const dropped = records.length - (send === null ? 0 : 1);
  const parts = [
    ...(send === null ? [] : ['one to be sent']),
    ...(dropped === 0 ? [] : [`${dropped} dropped`]),
    ...(lost.length === 0 ? [] : [`${lost.length} without an outcome: not known whether it reached the patient`]),
  ];
  return parts.length === 0 ? 'nothing to send or drop now' : parts.join('; ');
}
