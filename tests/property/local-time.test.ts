import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { isTimeZone } from '../../functions/domain/instant.ts';
import { dayAt } from '../../functions/domain/local-day.ts';
import {
  atWallTime,
  endOfSpan,
  isWithin,
  nextWallTime,
  type WallSpan,
  wallTimeAt,
} from '../../functions/domain/local-time.ts';
import { runs } from '../example-clinic.ts';

const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
const hour = 3_600_000;
const from = Date.UTC(2020, 0, 1);
const to = Date.UTC(2041, 0, 1);

/** A few moments of every zone's years: the changes of its clocks, some time around them, and any others. */
function* moments(zone: string): Generator<number> {
  const last = Temporal.Instant.fromEpochMilliseconds(to);
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  for (let count = 0; count < 8; count++) {
    const change = at.getTimeZoneTransition('next');
    if (change === null || Temporal.Instant.compare(change.toInstant(), last) > 0) return;
    for (const hours of [-25, -1, 0, 0.5, 1, 24]) yield change.epochMilliseconds + hours * hour;
    at = change.add({ days: 150 });
  }
}

const anyZone = fc.constantFrom(...zones);
const anyMoment = fc.integer({ min: from / 60_000, max: to / 60_000 }).map((minute) => minute * 60_000);
const anyMinute = fc.integer({ min: 0, max: 1439 });

function expectNextDue(moment: number, minute: number, zone: string): void {
  const due = nextWallTime(moment, minute, zone);
  expect(due).toBeGreaterThan(moment);
  // 25 hours where clocks go back by one; those of two research stations (Troll, Casey) go back by two and three.
  expect(due - moment).toBeLessThanOrEqual((zone.startsWith('Antarctica/') ? 27 : 25) * hour);
}

it('T07: in every zone, around every change of its clocks, the next due moment is later, and at most 25 hours ahead', () => {
  expect(zones.length).toBeGreaterThan(300);
  for (const zone of zones)
    for (const moment of moments(zone))
      for (const minute of [0, 30, 105, 150, 1110]) expectNextDue(moment, minute, zone);
});

it('T07: so it is at any moment of 2020 to 2040, and a year of them ends', () => {
  fc.assert(
    fc.property(anyZone, anyMoment, anyMinute, (zone, moment, minute) => {
      expectNextDue(moment, minute, zone);
    }),
    { numRuns: runs(500), seed: 1 },
  );
  fc.assert(
    fc.property(anyZone, anyMinute, (zone, minute) => {
      let due = Date.UTC(2026, 0, 1);
      const days = new Set<number>();
      for (let count = 0; count < 365; count++) {
        due = nextWallTime(due, minute, zone);
        days.add(dayAt(due, zone));
      }
      expect(days.size).toBe(365);
    }),
    { numRuns: runs(20), seed: 2 },
  );
});

function expectAsTemporal(zone: string, moment: number, minute: number): void {
  const there = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
  expect(wallTimeAt(moment, zone).minute).toBe(there.hour * 60 + there.minute);
  const due = there.toPlainDate().toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 });
  expect(atWallTime(dayAt(moment, zone), minute, zone)).toBe(due.toZonedDateTime(zone).epochMilliseconds);
}

it('wall times are those of Temporal, in every zone and on the days of its changes', () => {
  for (const zone of zones) for (const moment of moments(zone)) expectAsTemporal(zone, moment, 90);
  fc.assert(fc.property(anyZone, anyMoment, anyMinute, expectAsTemporal), { numRuns: runs(500), seed: 3 });
});

function expectEnd(zone: string, moment: number, span: WallSpan): void {
  const end = endOfSpan(moment, span, zone);
  expect(end).toBeGreaterThanOrEqual(moment);
  expect(end - moment).toBeLessThan(27 * hour);
  expect(isWithin(wallTimeAt(end, zone).minute, span)).toBe(false);
}

it('what waits for the end of quiet hours waits forwards, about a day at most, and out of them', () => {
  const anySpan = fc.record({ from: anyMinute, to: anyMinute }).filter(({ from: begin, to: end }) => begin !== end);
  fc.assert(fc.property(anyZone, anyMoment, anySpan, expectEnd), { numRuns: runs(500), seed: 4 });
  for (const zone of zones)
    for (const moment of moments(zone)) for (const end of [90, 480]) expectEnd(zone, moment, { from: 1320, to: end });
});
