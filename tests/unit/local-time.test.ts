import { describe, expect, it } from 'vitest';
import { fromEpoch, toEpoch } from '../../functions/domain/epoch.ts';
import { readInstant } from '../../functions/domain/instant.ts';
import { dayAt } from '../../functions/domain/local-day.ts';
import {
  atWallTime,
  endOfSpan,
  isWithin,
  localText,
  nextWallTime,
  wallMinute,
  wallText,
  wallTimeAt,
} from '../../functions/domain/local-time.ts';
import { hasOutsideData, outsideRows } from '../outside-data.ts';

const epoch = (text: string) => toEpoch(readInstant(text) ?? '');
const span = (text: string) => ({ from: wallMinute(text.slice(0, 5)), to: wallMinute(text.slice(6)) });
const next = (after: string, time: string, zone: string) =>
  fromEpoch(nextWallTime(epoch(after), wallMinute(time), zone));
const heldUntil = (moment: string, quiet: string, zone: string) =>
  fromEpoch(endOfSpan(epoch(moment), span(quiet), zone));

/** The first `count` falls of a daily appointment after a moment. */
function daily(after: string, time: string, zone: string, count: number): string[] {
  const due: string[] = [];
  while (due.length < count) due.push(next(due.at(-1) ?? after, time, zone));
  return due;
}

describe.skipIf(!hasOutsideData)('the outside cases of local time (skipped where that data is absent)', () => {
  const rows = hasOutsideData ? outsideRows('time/zones.csv') : [];

  it.each(rows.map((row) => [row['id'] ?? '', row['zone'] ?? '', row['note'] ?? '', row] as const))(
    '%s %s: %s',
    (_, zone, __, row) => {
      const now = epoch(row['now_utc'] ?? '');
      const time = row['local_time'] ?? '';
      const found =
        row['kind'] === 'next_day_at'
          ? atWallTime(dayAt(now, zone) + 1, wallMinute(time), zone)
          : endOfSpan(now, span(time), zone);
      const expected = [row['expect_utc'], row['utc_with_tzdata_2025b']].filter((text) => text);
      expect(expected.map((text) => readInstant(text ?? ''))).toContain(fromEpoch(found));
    },
  );

  it.each(
    rows.filter((row) => row['second_utc']).map((row) => [row['zone'] ?? '', row['local_time'] ?? '', row] as const),
  )('%s %s comes twice: the second one', (zone, time, row) => {
    const day = dayAt(epoch(row['now_utc'] ?? ''), zone) + 1;
    expect(fromEpoch(atWallTime(day, wallMinute(time), zone, 'later'))).toBe(readInstant(row['second_utc'] ?? ''));
  });

  it('are more than fifty', () => {
    expect(rows.length).toBeGreaterThan(50);
  });
});

describe('a daily appointment', () => {
  it('T01: at a time that the clocks skip, it moves forward by the length of the gap (the policy decides, not the first instant after it)', () => {
    expect(next('2026-03-08T06:30:00Z', '02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z');
  });

  it('T02: three of them stand on three dates, whatever the clocks skip', () => {
    const due = daily('2024-03-09T07:00:00Z', '02:30', 'America/New_York', 3);
    expect(due).toEqual(['2024-03-09T07:30:00.000Z', '2024-03-10T07:30:00.000Z', '2024-03-11T06:30:00.000Z']);
    expect(new Set(due.map((one) => dayAt(toEpoch(one), 'America/New_York'))).size).toBe(3);
  });

  it('T06: stays at nine when summer time ends', () => {
    expect(daily('2026-10-24T00:00:00Z', '09:00', 'Europe/Berlin', 3)).toEqual([
      '2026-10-24T07:00:00.000Z',
      '2026-10-25T08:00:00.000Z',
      '2026-10-26T08:00:00.000Z',
    ]);
  });

  it('at a time that comes twice falls due once, at the first', () => {
    expect(daily('2026-11-01T05:00:00Z', '01:30', 'America/New_York', 2)).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
  });

  it('T13: follows the rules of today where a summer time was abolished', () => {
    expect(next('2026-07-01T06:00:00Z', '09:00', 'America/Mexico_City')).toBe('2026-07-01T15:00:00.000Z');
  });
});

describe('quiet hours', () => {
  it("T10: are the patient's, not those of UTC", () => {
    expect(heldUntil('2026-06-11T21:30:00Z', '22:00-06:00', 'Europe/Prague')).toBe('2026-06-12T04:00:00.000Z');
  });

  it('T11: cross midnight', () => {
    expect(heldUntil('2026-06-11T22:00:00Z', '22:00-07:00', 'Africa/Nairobi')).toBe('2026-06-12T04:00:00.000Z');
    expect(heldUntil('2026-06-12T04:30:00Z', '22:00-07:00', 'Africa/Nairobi')).toBe('2026-06-12T04:30:00.000Z');
  });

  it('hold again in the second half of an hour that comes twice, until their second end', () => {
    expect(heldUntil('2026-11-01T05:45:00Z', '22:00-01:30', 'America/New_York')).toBe('2026-11-01T05:45:00.000Z');
    expect(heldUntil('2026-11-01T06:10:00Z', '22:00-01:30', 'America/New_York')).toBe('2026-11-01T06:30:00.000Z');
  });

  it('begin with their first minute and end before their last', () => {
    expect([719, 720, 839, 840].map((minute) => isWithin(minute, span('12:00-14:00')))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('what a clock on the wall shows', () => {
  it.each([
    ['2026-03-08T06:59:59Z', 'America/New_York', '01:59', '2026-03-08T01:59-05:00'],
    ['2026-03-08T07:00:00Z', 'America/New_York', '03:00', '2026-03-08T03:00-04:00'],
    ['2026-11-01T06:10:00Z', 'America/New_York', '01:10', '2026-11-01T01:10-05:00'],
    ['2026-06-01T18:14:59Z', 'Asia/Kathmandu', '23:59', '2026-06-01T23:59+05:45'],
    ['2026-06-01T18:15:00Z', 'UTC', '18:15', '2026-06-01T18:15+00:00'],
  ])('at %s in %s is %s', (moment, zone, shown, text) => {
    expect(wallText(wallTimeAt(epoch(moment), zone).minute)).toBe(shown);
    expect(localText(epoch(moment), zone)).toBe(text);
  });
});
