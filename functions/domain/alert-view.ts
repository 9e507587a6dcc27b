import type { Alert, Evidence } from './alert.ts';
import type { AlertHappening } from './alert-history.ts';
import type { Outcome } from './alert-outcome.ts';
import { whatToDo } from './alert-steps.ts';
import type { Clinic } from './clinic.ts';
import { tiers } from './escalation-plan.ts';
import { explain, wordingOf } from './explain.ts';
import { hours, type Instant, later } from './instant.ts';
import { momentInWords } from './local-words.ts';
import type { Patient, PatientId } from './patient.ts';

/** An alert in a list. */
export interface AlertLine {
  readonly id: string;
  readonly tier: Alert['tier'];
  /** null: whoever asks may see that it is there, and nothing of a patient. */
  readonly cause: Alert['cause'] | null;
  readonly status: Alert['status'];
  readonly patient: PatientId | null;
  readonly openedAt: Instant;
  readonly raisedAt: Instant;
  readonly nextActionAt: Instant | null;
  readonly snoozedUntil: Instant | null;
  readonly acknowledgedBy: readonly string[];
  readonly version: number;
}

/** An alert as the person sees it who is to answer it. */
export interface AlertView {
  readonly alert: AlertLine;
  readonly patient: {
    readonly id: PatientId;
    /** The id under which the programme knows them, so that the person can look them up there. */
    readonly programmeId: string | null;
    readonly programme: string | null;
    readonly track: string | null;
    readonly therapist: string | null;
    readonly timeZone: string;
  };
  readonly why: readonly string[];
  readonly whatToDo: readonly string[];
  /** Oldest first. Who looked, and who was refused, stands in the audit, which nothing here can read. */
  readonly history: readonly AlertHappening[];
  readonly outcomes: readonly {
    readonly code: Outcome['code'];
    readonly label: string;
    readonly asksFor: readonly string[];
  }[];
  /** Until when it can be put off at the longest. */
  readonly snooze: { readonly allowed: boolean; readonly until: Instant | null };
}

export function alertLine(alert: Alert, patient: PatientId): AlertLine {
  const { id, tier, cause, status, openedAt, raisedAt, nextActionAt, acknowledgedBy, version } = alert;
  const snoozedUntil = status === 'snoozed' ? nextActionAt : null;
  return {
    id,
    tier,
    cause,
    status,
    patient,
    openedAt,
    raisedAt,
    nextActionAt,
    snoozedUntil,
    acknowledgedBy,
    version,
  };
}

/** The same for somebody who may see states only. */
export function withoutPatient(line: AlertLine): AlertLine {
  return { ...line, cause: null, patient: null };
}

/** Urgent first, and of the same urgency what has waited longest. */
export function byUrgency(a: AlertLine, b: AlertLine): number {
  const soonest = tiers.indexOf(a.tier) - tiers.indexOf(b.tier);
  if (soonest !== 0) return soonest;
  return `${a.raisedAt}${a.id}` < `${b.raisedAt}${b.id}` ? -1 : 1;
}

/** @param programmeId null: no event of the patient is kept */
export function alertView(
  { id, state, standing }: Patient,
  alert: Alert,
  programmeId: string | null,
  clinic: Clinic,
  now: Instant,
): AlertView {
  const { settings, escalation } = clinic;
  const { longestSnoozeHours: most } = escalation.tiers[alert.tier];
  const allowed = most !== null && alert.status !== 'overdue';
  const factors = standing
    .filter(({ kind }) => kind === alert.cause && kind !== 'safety')
    .flatMap((assessment) => explain(assessment, 'therapist', wordingOf(clinic)).split('\n'))
    .filter((line) => line.startsWith('- '))
    .map((line) => line.slice(2));
  return {
    alert: alertLine(alert, id),
    patient: {
      id,
      programmeId,
      programme: state.enrolment?.programme ?? null,
      track: state.track,
      therapist: state.therapist,
      timeZone: state.timeZone ?? settings.timeZone,
    },
    why: [...causeInWords(alert), ...alert.evidence.map((one) => evidenceInWords(one, clinic)), ...factors],
    whatToDo: whatToDo(alert, settings.crisisLine.text),
    history: historyOf(alert),
    outcomes: outcomeCodes.map((code) => ({ code, ...outcomes[code] })),
    snooze: { allowed, until: allowed ? later(now, most * hours) : null },
  };
}

/** What has happened to an alert, oldest first, from its opening on. */
export function historyOf({ openedAt, history: { earlier, kept } }: Alert): AlertHappening[] {
  const opened = { at: openedAt, what: 'opened', who: 'tandem' };
  if (earlier === 0) return [opened, ...kept];
  return [opened, { ...opened, what: `then came ${earlier} things more, which only the audit still shows` }, ...kept];
}

/** Causes that rest on no evidence but the state itself. */
function causeInWords({ cause }: Alert): string[] {
  return cause === 'unassigned' ? ['The patient is accompanied, and has had no therapist for more than a day.'] : [];
}

function evidenceInWords(evidence: Evidence, { measures, settings: { timeZone } }: Clinic): string {
  const on = momentInWords(evidence.at, timeZone);
  switch (evidence.basis) {
    case 'assessment':
      return `${on}: the level became ${evidence.level}, with ${evidence.score} points.`;
    case 'reminders':
      return `${on}: ${evidence.unanswered} reminders in a row had no answer, so no more are sent.`;
    case 'answer': {
      const title = measures.find(({ id }) => id === evidence.measure)?.title ?? 'a questionnaire';
      const before = evidence.previous === null ? 'never asked before' : `before: ${evidence.previous}`;
      const answer = evidence.answer === null ? 'answered, but the answer cannot be read' : `answer ${evidence.answer}`;
      return `${on}: ${title}, the question about self-harm: ${answer} (${before}).`;
    }
  }
}

/** In the order in which they are offered. `asksFor`: fields of the outcome, or of its disclosure. */
const outcomes = {
  reached: { label: 'The patient was spoken with', asksFor: [] },
  'not-reached': { label: 'The patient could not be reached: try again', asksFor: ['nextTry'] },
  'plan-adapted': { label: 'The plan was adapted with the patient', asksFor: [] },
  'live-session-booked': { label: 'A live session is booked', asksFor: [] },
  referred: { label: 'The patient was referred to somebody else', asksFor: ['recipient', 'what', 'purpose'] },
  'known-and-planned': { label: 'Known already, and part of the plan', asksFor: [] },
  'no-action-needed': { label: 'Nothing has to be done', asksFor: ['why'] },
} as const satisfies { readonly [code in Outcome['code']]: { label: string; asksFor: readonly string[] } };

const outcomeCodes = Object.keys(outcomes).filter((code): code is Outcome['code'] => code in outcomes);
