import type { Instant } from './instant.ts';

/**
 * The same as `epochMilliseconds`, about a hundred times faster: a scan reads and writes millions of instants. Civil dates
 * are counted as in Howard Hinnant, "chrono-compatible low-level date algorithms": from 1 March of year 0, in eras of 400
 * years.
 */
export function toEpoch(instant: Instant): number {
  const milliseconds = twoDigits(instant, 20) * 10 + instant.charCodeAt(22) - zero;
  const seconds = twoDigits(instant, 11) * 3600 + twoDigits(instant, 14) * 60 + twoDigits(instant, 17);
  return dayNumber(instant) * 86_400_000 + seconds * 1000 + milliseconds;
}

/** Days since 1970-01-01 of a date, or of the date an instant starts with: "2026-03-02". */
export function dayNumber(date: string): number {
  const month = twoDigits(date, 5);
  const year = twoDigits(date, 0) * 100 + twoDigits(date, 2) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + twoDigits(date, 8) - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - daysToEpoch;
}

/** The date of a day counted from 1970-01-01: "2026-03-02". */
export function dateOf(day: number): string {
  return fromEpoch(day * 86_400_000).slice(0, 'YYYY-MM-DD'.length);
}

/** The same as `instantAt`: the instant of an epoch in whole milliseconds, kept within the years 0001 to 9999. */
export function fromEpoch(epoch: number): Instant {
  const milliseconds = Math.min(Math.max(epoch, firstOfYear1), firstOfYear10000 - 1);
  const days = Math.floor(milliseconds / 86_400_000);
  const rest = milliseconds - days * 86_400_000;
  const shifted = days + daysToEpoch;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const date = `${two(Math.floor(year / 100))}${two(year % 100)}-${two(month)}-${two(day)}`;
  const time = `${two(Math.floor(rest / 3_600_000))}:${two(Math.floor(rest / 60_000) % 60)}:${two(Math.floor(rest / 1000) % 60)}`;
  return `${date}T${time}.${String(rest % 1000).padStart(3, '0')}Z`;
}

/** Days from 0000-03-01 to 1970-01-01. */
const daysToEpoch = 719_468;
const firstOfYear1 = -62_135_596_800_000;
const firstOfYear10000 = 253_402_300_800_000;

const zero = '0'.charCodeAt(0);

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}
