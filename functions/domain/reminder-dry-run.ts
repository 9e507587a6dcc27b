import type { Clinic } from './clinic.ts';
import { toEpoch } from './epoch.ts';
import type { ClinicalEvent } from './event.ts';
import { apply, compareEvents, placeOf } from './fold.ts';
import type { Instant } from './instant.ts';
import { localText } from './local-time.ts';
import type { ReminderTopic } from './message-template.ts';
import { type PatientState, unknownState } from './patient.ts';
import { type Channel, type HeldBack, type ReminderRecord, remindedOf } from './reminder.ts';
import { nextReminder, outlook, type PlannedReminder, recordOf } from './reminder-plan.ts';
import { drawFor, type Trial, trialFor } from './reminder-trial.ts';

interface DryRunMoment {
  readonly at: Instant;
  /** The patient's local time, such as "2026-03-08T19:00-04:00". */
  readonly local: string;
  readonly template: ReminderTopic;
  readonly why: string;
}

/** One line of a dry run: a reminder that would go out, or one that would not. */
export type DryRunLine =
  | (DryRunMoment & { readonly channel: Channel; readonly crisisLine: boolean })
  | (DryRunMoment & {
      readonly heldBack: HeldBack;
      /** When it is tried again; null: it is dropped. */
      readonly until: Instant | null;
    });

/**
 * What the rounds would do for one patient from the first event up to, not including, a moment: every reminder is taken for sent,
 * so that caps and unanswered reminders count. Alerts are not simulated; answers to safety items are.
 * @param events all of one patient's, in any order.
 * @param trial the clinic's own, which holds some back. Its draws follow the patient's id as it stands in the events, where a
 * deployment knows another: as many are held back there, but not the same ones.
 * @returns what it leaves, one record for each reminder.
 */
export function* dryRun(
  events: readonly ClinicalEvent[],
  clinic: Clinic,
  until: Instant,
  trial: Trial | null = trialFor(clinic, events[0]?.patient ?? ''),
): Generator<DryRunLine, readonly ReminderRecord[], undefined> {
  let records: readonly ReminderRecord[] = [];
  const shown = new Set<string>();
  for (const { from, to, state } of stretches(events, clinic, until)) {
    let now = from;
    while (now < to) {
      const reminded = remindedOf(state, [], records);
      const next = nextReminder(reminded, clinic, now);
      const due = next !== null && next.at < to ? next : null;
      const end = due?.at ?? to;
      for (const { planned, held } of holdsBefore(end, outlook(reminded, clinic, now, end))) {
        const name = `${planned.key} ${held.reason} ${held.until}`;
        if (!shown.has(name)) yield heldLine(planned, held.at, held.reason, held.until, state, clinic);
        shown.add(name);
      }
      if (due !== null) {
        const record = recordOf(due, due.at, drawFor(due, records, trial, due.at));
        yield due.outcome === 'send' && record.outcome === 'claimed'
          ? sentLine(due, state, clinic)
          : heldLine(due, due.at, due.reason ?? 'trial', null, state, clinic);
        records = [...records, record];
      }
      now = end;
    }
  }
  return records;
}

/** The time between events, with the state that holds in it. */
function* stretches(events: readonly ClinicalEvent[], clinic: Clinic, until: Instant) {
  let state = unknownState;
  const ordered = events
    .filter(({ occurredAt }) => occurredAt < until)
    .toSorted((a, b) => compareEvents(placeOf(a), placeOf(b)));
  for (const [index, event] of ordered.entries()) {
    state = apply(state, event, clinic);
    yield { from: event.occurredAt, to: ordered[index + 1]?.occurredAt ?? until, state };
  }
}

function holdsBefore(end: Instant, planned: readonly PlannedReminder[]) {
  return planned
    .flatMap((one) => one.held.map((held) => ({ planned: one, held })))
    .filter(({ held }) => held.at < end)
    .toSorted((a, b) => toEpoch(a.held.at) - toEpoch(b.held.at));
}

function sentLine(
  { at, kind, channel, crisisLine, why }: Extract<PlannedReminder, { outcome: 'send' }>,
  state: PatientState,
  clinic: Clinic,
): DryRunLine {
  return {
    at,
    local: localOf(at, state, clinic),
    template: kind,
    channel,
    crisisLine,
    why: `${why}${zoneNote(state)}`,
  };
}

function heldLine(
  { kind, why }: PlannedReminder,
  at: Instant,
  heldBack: HeldBack,
  until: Instant | null,
  state: PatientState,
  clinic: Clinic,
): DryRunLine {
  const then = until === null ? 'dropped' : `waits until ${localOf(until, state, clinic)}`;
  const words = `${why}; ${reasons[heldBack]}: ${then}${zoneNote(state)}`;
  return { at, local: localOf(at, state, clinic), template: kind, heldBack, until, why: words };
}

function localOf(moment: Instant, { timeZone }: PatientState, { settings }: Clinic): string {
  return localText(toEpoch(moment), timeZone ?? settings.timeZone);
}

function zoneNote({ timeZone }: PatientState): string {
  return timeZone === null ? "; the local time is the clinic's, since the patient has no zone" : '';
}

const reasons: { readonly [reason in HeldBack]: string } = {
  window: 'it is not its hour',
  'quiet-hours': 'quiet hours',
  holiday: 'a holiday',
  cap: 'as many reminders as a patient may get have gone out',
  unanswered: 'too many reminders in a row have stayed unanswered',
  paused: 'the patient pauses',
  'no-consent': 'no consent to reminders',
  'opted-out': 'the patient wants none on any channel',
  'no-contact': 'no address for any channel that the patient has agreed to',
  completed: 'it is done',
  ended: 'the patient has left the programme',
  expired: 'its time is over',
  trial: "drawn to be held back by the clinic's own trial",
};
