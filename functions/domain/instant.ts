import { Temporal } from 'temporal-polyfill';
import { fromEpoch, toEpoch } from './epoch.ts';

/** A moment as "2026-03-02T09:00:00.000Z": UTC, years 0001 to 9999, always three digits, so that text order is time order. */
export type Instant = string;

const dateTimeWithOffset = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * Reads an RFC 3339 date-time. Null where it is none, names a day that does not exist, lies outside the years 0001 to 9999
 * in UTC, or has no offset: a local time without a zone is not a moment.
 *
 * Anything below a millisecond is cut off. "t" and "z" may be lower case, as RFC 3339 allows. A leap second (23:59:60 UTC)
 * is read as the last millisecond before midnight: most clocks have no such second, and an answer given in it must not be
 * lost; a second 60 at any other time of day is refused.
 */
export function readInstant(text: string): Instant | null {
  const parts = dateTimeWithOffset.exec(text);
  if (parts === null) return null;
  const [, date, minute, second, fraction = '', offset = ''] = parts;
  const isLeapSecond = second === '60';
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  // Most senders write UTC: whatever is a moment there reads back as it was written.
  if (!isLeapSecond && offset.toUpperCase() === 'Z') {
    const instant = `${date}T${minute}:${second}.${milliseconds}Z`;
    return fromEpoch(toEpoch(instant)) === instant ? instant : null;
  }
  const wholeSecond = inUtc(`${date}T${minute}:${isLeapSecond ? '59' : second}${offset.toUpperCase()}`);
  if (wholeSecond === null) return null;
  if (!isLeapSecond) return `${wholeSecond}.${milliseconds}Z`;
  return wholeSecond.endsWith('T23:59:59') ? `${wholeSecond}.999Z` : null;
}

/** "2026-03-02T09:00:00" in UTC; null where there is no such moment in the years 0001 to 9999. */
function inUtc(dateTime: string): string | null {
  try {
    const text = Temporal.Instant.from(dateTime).toString({ smallestUnit: 'second' });
    return /^(?!0000)\d{4}-/.test(text) ? text.slice(0, 'YYYY-MM-DDThh:mm:ss'.length) : null;
  } catch {
    return null;
  }
}

/** Milliseconds since 1970-01-01T00:00Z. */
export function epochMilliseconds(instant: Instant): number {
  return Temporal.Instant.from(instant).epochMilliseconds;
}

const first = epochMilliseconds('0001-01-01T00:00:00.000Z');
const last = epochMilliseconds('9999-12-31T23:59:59.999Z');

/**
 * The instant of an epoch in whole milliseconds. Beyond the years 0001 to 9999 it is the nearest instant within, so that
 * text order stays time order.
 * @throws RangeError where the number is not whole.
 */
export function instantAt(milliseconds: number): Instant {
  const within = Math.min(Math.max(milliseconds, first), last);
  return Temporal.Instant.fromEpochMilliseconds(within).toString({ fractionalSecondDigits: 3 });
}

/** Elapsed time in milliseconds: a day is 24 hours here, whatever the clocks of a place do. */
export const hours = 3_600_000;
export const days = 24 * hours;

/**
 * The instant `milliseconds` later (earlier when negative), a whole number; kept within the years 0001 to 9999.
 * @throws RangeError where the number is not whole.
 */
export function later(instant: Instant, milliseconds: number): Instant {
  const then = toEpoch(instant) + milliseconds;
  if (!Number.isInteger(then)) throw new RangeError('later: give whole milliseconds');
  return fromEpoch(then);
}

/** Seconds from one moment to another; negative where the other is earlier. */
export function secondsBetween(from: Instant, to: Instant): number {
  return (epochMilliseconds(to) - epochMilliseconds(from)) / 1000;
}

/** The calendar date ("2026-03-02") that people in this zone read off the wall at this moment. The zone is one that `isTimeZone` takes. */
export function localDate(instant: Instant, timeZone: string): string {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

const universalTime: ReadonlySet<string> = new Set(['UTC', 'Etc/UTC']);
const areaAndCity = /^(?!Etc\/)[A-Za-z]+(\/[A-Za-z0-9_-]+)+$/;

/**
 * Whether the name is a zone whose rules are known: "Area/City" spelled as in the IANA list (older names such as
 * "Asia/Calcutta" included), "UTC" or "Etc/UTC". Abbreviations such as "EST5EDT" and fixed offsets such as "+05:00" or
 * "Etc/GMT+5" are refused: they do not follow the clocks of the place where the patient lives.
 */
export function isTimeZone(name: string): boolean {
  if (!universalTime.has(name) && !areaAndCity.test(name)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId === name;
  } catch {
    return false;
  }
}
