import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { apply, compareEvents, fold, placeOf } from '../../functions/domain/fold.ts';
import { unknownState } from '../../functions/domain/patient.ts';
import { exampleClinic as clinic, runs } from '../example-clinic.ts';
import { history } from '../histories.ts';

describe('the fold', () => {
  it('gives the same bytes for every order of the same events', () => {
    const shuffled = history().chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
    );
    fc.assert(
      fc.property(shuffled, ([events, other]) => {
        expect(canonicalText(fold(other, clinic))).toBe(canonicalText(fold(events, clinic)));
      }),
      { seed: 1, numRuns: runs(1000) },
    );
  });

  it('event by event in their order is the fold of all of them', () => {
    fc.assert(
      fc.property(history(), (events) => {
        const ordered = events.toSorted((a, b) => compareEvents(placeOf(a), placeOf(b)));
        const stepwise = ordered.reduce((state, event) => apply(state, event, clinic), unknownState);
        expect(canonicalText(stepwise)).toBe(canonicalText(fold(events, clinic)));
        expect(stepwise.events).toBe(events.length);
      }),
      { seed: 2, numRuns: runs(300) },
    );
  });

  it('orders events totally: by time, then by id', () => {
    fc.assert(
      fc.property(history(12), (events) => {
        const places = events.map(placeOf);
        for (const a of places)
          for (const b of places) {
            expect(Math.sign(compareEvents(a, b))).toBe(-Math.sign(compareEvents(b, a)) + 0);
            expect(compareEvents(a, b) === 0).toBe(a === b);
          }
      }),
      { seed: 3, numRuns: runs(100) },
    );
  });
});
