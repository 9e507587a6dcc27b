import type { Clinic } from './clinic.ts';
import type { Instant } from './instant.ts';
import type { Reminded, ReminderRecord } from './reminder.ts';
import { nextReminder, type PlannedReminder, recordOf } from './reminder-plan.ts';

/** What one round does for one patient. */
export interface RoundDecision {
  /** New records, to be added to the others in one commit: what is dropped, and the claim of what is to be sent. */
  readonly records: readonly ReminderRecord[];
  /** To be sent once its claim is committed, and not before; null: nothing now. */
  readonly send: PlannedReminder | null;
  /** When a round has to look at this patient again; null: not before an event comes. */
  readonly nextAt: Instant | null;
}

/** Everything due at a moment, with at most one reminder to send: where more are due, the next round sends the next. */
export function decideRound(reminded: Reminded, clinic: Clinic, now: Instant): RoundDecision {
  const records: ReminderRecord[] = [];
  let send: PlannedReminder | null = null;
  for (;;) {
    const next = nextReminder({ ...reminded, records: [...reminded.records, ...records] }, clinic, now);
    if (next === null) return { records, send, nextAt: null };
    if (next.at > now || send !== null) return { records, send, nextAt: next.at };
    records.push(recordOf(next, now));
    if (next.outcome === 'send') send = next;
  }
}
