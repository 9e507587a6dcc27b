import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../functions/domain/canonical.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { days, hours, type Instant, instantAt } from '../../functions/domain/instant.ts';
import type { ReminderRecord } from '../../functions/domain/reminder.ts';
import { isDue, type Review, review, reviewAfterReminders } from '../../functions/domain/review.ts';
import { exampleClinic, runs } from '../example-clinic.ts';
import { history } from '../histories.ts';
import { enrolledHistory, reminders } from '../risk-histories.ts';

const start = Date.UTC(2026, 0, 5, 8);

/** Nights at uneven distances: a scan may be late, doubled or left out. */
const nights = fc.array(fc.integer({ min: 0, max: 3 * 24 }), { minLength: 1, maxLength: 60 }).map((gaps) => {
  let hour = 0;
  return gaps.map((gap) => {
    hour += gap;
    return instantAt(start + hour * hours);
  });
});

/** How long an event was under way before it arrived, up to ten days: some come late, after younger ones. */
const delays = fc.array(fc.integer({ min: 0, max: 10 * 24 }), { minLength: 40, maxLength: 40 });

interface Scan {
  readonly reviewed: number;
  /** What the scan stored and reported, by night. */
  readonly found: readonly { readonly night: Instant; readonly stored: unknown; readonly levels: unknown }[];
}

/** Plays events and nights. */
function play(
  events: readonly ClinicalEvent[],
  delay: readonly number[],
  scans: readonly Instant[],
  everyone: boolean,
  sent: readonly ReminderRecord[] = [],
): Scan {
  const arrivals = events.map((event, index) => ({
    event,
    at: instantAt(Date.parse(event.occurredAt) + (delay[index % delay.length] ?? 0) * hours),
  }));
  let last: Pick<Review, 'standing'> = { standing: [] };
  let dueAt: Instant | null = null;
  let known = 0;
  let reminded = 0;
  let reviewed = 0;
  const found: { night: Instant; stored: unknown; levels: unknown }[] = [];
  for (const night of scans) {
    const since = sent.filter(({ at }) => at <= night).slice(reminded);
    for (const reminder of since) dueAt = reviewAfterReminders(dueAt, [reminder], reminder.at);
    reminded += since.length;
    const arrived = arrivals.filter(({ at }) => at <= night);
    if (arrived.length > known) dueAt = night;
    known = arrived.length;
    if (!everyone && !isDue(dueAt, night)) continue;
    reviewed += 1;
    const state = fold(
      arrived.map(({ event }) => event),
      exampleClinic,
    );
    const result = review(state, last.standing, exampleClinic, night, sent.slice(0, reminded));
    last = result;
    dueAt = result.reviewAt;
    if (result.changed.length > 0 || result.levels.length > 0)
      found.push({ night, stored: result.changed, levels: result.levels });
  }
  return { reviewed, found };
}

describe('scanning only who is due', () => {
  it('finds exactly what scanning everyone finds, for any history and any sequence of nights', () => {
    fc.assert(
      fc.property(fc.oneof(history(), enrolledHistory()), delays, nights, (events, delay, scans) => {
        const due = play(events, delay, scans, false);
        const all = play(events, delay, scans, true);
        expect(canonicalText(due.found)).toBe(canonicalText(all.found));
      }),
      { seed: 5, numRuns: runs(400) },
    );
  });

  it('finds it with reminders that stay unanswered, too', () => {
    let listed = 0;
    fc.assert(
      fc.property(enrolledHistory(4), reminders, nights, (events, sent, scans) => {
        const due = play(events, [0], scans, false, sent);
        const all = play(events, [0], scans, true, sent);
        expect(canonicalText(due.found)).toBe(canonicalText(all.found));
        if (canonicalText(all.found).includes('reminders-unanswered')) listed += 1;
      }),
      { seed: 6, numRuns: runs(300) },
    );
    expect(listed).toBeGreaterThan(20);
  });

  it('looks at a patient without events a few times, not every night', () => {
    const scans = Array.from({ length: 365 }, (_, night) => instantAt(start + night * days));
    const enrolment = [
      ['PatientEnrolled', { programme: 'depression', track: 'self-guided', timeZone: 'America/New_York' }],
      ['ConsentGiven', { scopes: ['scoring'] }],
    ].map(([type, data], index) => ({ id: `ev-${index}`, type, occurredAt: instantAt(start), patient: 'p', data }));
    const { reviewed, found } = play(enrolment as ClinicalEvent[], [0], scans, false);
    expect(found.length).toBeGreaterThan(5);
    expect(reviewed).toBeLessThan(20);
  });
});
