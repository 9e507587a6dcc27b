import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMilliseconds, type Instant, instantAt, later, readInstant } from '../../functions/domain/instant.ts';

const seed = 20_260_302;
const first = epochMilliseconds('0001-01-01T00:00:00.000Z');
const last = epochMilliseconds('9999-12-31T23:59:59.999Z');
const moment = fc.integer({ min: first, max: last });
const minute = 60_000;

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}

function twoDigitsUpTo(max: number) {
  return fc.integer({ min: 0, max }).map(twoDigits);
}

/** "+05:30" for 330. */
function offsetOf(minutes: number): string {
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(Math.abs(minutes) / 60))}:${twoDigits(Math.abs(minutes) % 60)}`;
}

/** The moment as people in that offset write it. */
function writtenWithOffset(instant: Instant, minutes: number): string {
  return later(instant, minutes * minute).replace('Z', offsetOf(minutes));
}

describe('instants', () => {
  it('order of text is order of time', () => {
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [left, right] = [instantAt(a), instantAt(b)];
        expect(left < right).toBe(a < b);
        expect(left === right).toBe(a === b);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it('a moment keeps its milliseconds through its text, and its text through reading', () => {
    fc.assert(
      fc.property(moment, (milliseconds) => {
        const instant = instantAt(milliseconds);
        expect(epochMilliseconds(instant)).toBe(milliseconds);
        expect(readInstant(instant)).toBe(instant);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it('one moment has one text, whatever the offset it came with', () => {
    const day = 24 * 60 * minute;
    fc.assert(
      fc.property(
        fc.integer({ min: first + day, max: last - day }),
        fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
        (milliseconds, offset) => {
          const instant = instantAt(milliseconds);
          expect(readInstant(writtenWithOffset(instant, offset))).toBe(instant);
        },
      ),
      { seed, numRuns: 2_000 },
    );
  });

  it('reading never throws, and gives an instant or nothing', () => {
    const almost = fc.stringMatching(/^[-0-9:.TtZz+ ]{0,32}$/);
    const shaped = fc
      .tuple(
        fc.integer({ min: 0, max: 9999 }),
        twoDigitsUpTo(13),
        twoDigitsUpTo(32),
        twoDigitsUpTo(25),
        twoDigitsUpTo(61),
        twoDigitsUpTo(61),
      )
      .map(([y, mo, d, h, mi, s]) => `${String(y).padStart(4, '0')}-${mo}-${d}T${h}:${mi}:${s}Z`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost, shaped), (text) => {
        expect(readInstant(text) ?? '0001-01-01T00:00:00.000Z').toMatch(
          /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/,
        );
      }),
      { seed, numRuns: 5_000 },
    );
  });
});
