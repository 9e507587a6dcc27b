import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayNumber, fromEpoch, toEpoch } from '../../functions/domain/epoch.ts';
import { epochMilliseconds, instantAt } from '../../functions/domain/instant.ts';
import { dayAt, startOfDay } from '../../functions/domain/local-day.ts';

const anyMoment = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });

describe('the fast reading of instants', () => {
  it('agrees with Temporal in both directions for every moment of the years 0001 to 9999', () => {
    fc.assert(
      fc.property(anyMoment, (moment) => {
        const instant = instantAt(moment);
        expect(toEpoch(instant)).toBe(moment);
        expect(fromEpoch(moment)).toBe(instant);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });

  it.each([
    '2000-02-29T00:00:00.000Z',
    '1900-03-01T00:00:00.000Z',
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
  ])('is right at the leap day or the end of its range: %s', (instant) => {
    expect(toEpoch(instant)).toBe(epochMilliseconds(instant));
    expect(fromEpoch(toEpoch(instant))).toBe(instant);
  });

  it.each([-62_135_596_800_001, 253_402_300_800_000])('is kept within its range: %d', (moment) => {
    expect(fromEpoch(moment)).toBe(instantAt(moment));
  });

  it('counts dates from 1970-01-01', () => {
    expect(dayNumber('1970-01-01')).toBe(0);
    expect(dayNumber('2026-03-02')).toBe(20_514);
  });
});

describe('local days', () => {
  it('start at the local midnight, on days with a clock change too', () => {
    expect(fromEpoch(startOfDay(dayNumber('2026-03-08'), 'America/New_York'))).toBe('2026-03-08T05:00:00.000Z');
    expect(fromEpoch(startOfDay(dayNumber('2026-03-09'), 'America/New_York'))).toBe('2026-03-09T04:00:00.000Z');
  });

  it('start after the gap where midnight does not exist', () => {
    expect(fromEpoch(startOfDay(dayNumber('2018-11-04'), 'America/Sao_Paulo'))).toBe('2018-11-04T03:00:00.000Z');
  });

  it('hold every moment from their start to the next start, in any zone', () => {
    const zone = fc.constantFrom(
      'Pacific/Kiritimati',
      'Pacific/Apia',
      'Etc/GMT+12',
      'America/New_York',
      'Asia/Kathmandu',
    );
    fc.assert(
      fc.property(zone, fc.integer({ min: 0, max: 2_000_000_000_000 }), (timeZone, moment) => {
        const day = dayAt(moment, timeZone);
        expect(startOfDay(day, timeZone)).toBeLessThanOrEqual(moment);
        expect(startOfDay(day + 1, timeZone)).toBeGreaterThan(moment);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('are the same however many days were asked for before', () => {
    const before = startOfDay(20_000, 'Europe/Stockholm');
    for (let day = 10_000; day < 11_100; day++) startOfDay(day, 'Europe/Stockholm');
    expect(startOfDay(20_000, 'Europe/Stockholm')).toBe(before);
  });
});
