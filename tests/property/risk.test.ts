import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { fold } from '../../functions/domain/fold.ts';
import { epochMilliseconds, instantAt } from '../../functions/domain/instant.ts';
import { contentOf } from '../../functions/domain/review.ts';
import { type Assessment, assess } from '../../functions/domain/risk.ts';
import { exampleClinic, runs } from '../example-clinic.ts';
import { history } from '../histories.ts';
import { enrolledHistory, reminders } from '../risk-histories.ts';

const start = Date.UTC(2026, 0, 5, 8);
/** Any millisecond of sixteen weeks: the histories take twelve. */
const anyMoment = fc.integer({ min: 0, max: 16 * 7 * 86_400_000 }).map((after) => instantAt(start + after));
const anyHistory = fc.oneof(history(), enrolledHistory());

const contents = (assessments: readonly Assessment[]) => canonicalText(assessments.map(contentOf));

describe('an assessment', () => {
  it('says the same at every moment until its review', () => {
    fc.assert(
      fc.property(anyHistory, anyMoment, fc.double({ min: 0, max: 1, noNaN: true }), (events, now, part) => {
        const state = fold(events, exampleClinic);
        const outcome = assess(state, exampleClinic, now);
        const from = epochMilliseconds(now);
        const until = outcome.reviewAt === null ? from + 2000 * 86_400_000 : epochMilliseconds(outcome.reviewAt);
        expect(until).toBeGreaterThan(from);
        for (const moment of [from + Math.floor(part * (until - 1 - from)), until - 1]) {
          const later = assess(state, exampleClinic, instantAt(moment));
          expect(contents(later.assessments)).toBe(contents(outcome.assessments));
          expect(later.notScored).toBe(outcome.notScored);
          expect(later.reviewAt).toBe(outcome.reviewAt);
        }
      }),
      { seed: 5, numRuns: runs(1500) },
    );
  });

  it('says the same until its review where reminders stay unanswered, and then may not', () => {
    let listed = 0;
    let changed = 0;
    fc.assert(
      fc.property(enrolledHistory(4), reminders, anyMoment, (events, sent, now) => {
        const state = fold(events, exampleClinic);
        const at = (moment: string) => assess(state, exampleClinic, moment, sent);
        const outcome = at(now);
        if (outcome.reviewAt === null) return;
        const before = at(instantAt(epochMilliseconds(outcome.reviewAt) - 1));
        expect(contents(before.assessments)).toBe(contents(outcome.assessments));
        const unanswered = (one: typeof outcome) =>
          one.assessments[0]?.factors.find(({ name }) => name === 'reminders-unanswered')?.value;
        if (unanswered(outcome) !== undefined) listed += 1;
        if (unanswered(at(outcome.reviewAt)) !== unanswered(outcome)) changed += 1;
      }),
      { seed: 5, numRuns: runs(1000) },
    );
    expect(listed).toBeGreaterThan(50);
    expect(changed).toBeGreaterThan(20);
  });

  it('changes by itself at the review of one of its kinds more often than not: reviews are not made up', () => {
    let reviews = 0;
    let changes = 0;
    fc.assert(
      fc.property(enrolledHistory(), anyMoment, (events, now) => {
        const state = fold(events, exampleClinic);
        const outcome = assess(state, exampleClinic, now);
        if (outcome.reviewAt === null) return;
        reviews += 1;
        if (contents(assess(state, exampleClinic, outcome.reviewAt).assessments) !== contents(outcome.assessments))
          changes += 1;
      }),
      { seed: 5, numRuns: 500 },
    );
    expect(reviews).toBeGreaterThan(100);
    expect(changes / reviews).toBeGreaterThan(0.5);
  });

  it('adds up: the points of its factors are its score, and no factor is listed for nothing', () => {
    fc.assert(
      fc.property(anyHistory, anyMoment, (events, now) => {
        for (const { score, factors } of assess(fold(events, exampleClinic), exampleClinic, now).assessments) {
          expect(factors.reduce((sum, { points }) => sum + points, 0)).toBe(score);
          expect(factors.every(({ points, value }) => points !== 0 && Number.isInteger(value))).toBe(true);
        }
      }),
      { seed: 5, numRuns: runs(500) },
    );
  });

  it('is the same bytes for the same events, whatever their order, and rules', () => {
    fc.assert(
      fc.property(anyHistory, anyMoment, (events, now) => {
        const first = assess(fold(events, exampleClinic), exampleClinic, now);
        const again = assess(
          fold(events.toReversed(), structuredClone(exampleClinic)),
          structuredClone(exampleClinic),
          now,
        );
        expect(canonicalText(again)).toBe(canonicalText(first));
        expect(JSON.stringify(again)).toBe(JSON.stringify(first));
      }),
      { seed: 5, numRuns: runs(300) },
    );
  });
});
