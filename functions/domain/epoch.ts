import type { Instant } from './instant.ts';

/**
 * The same as `epochMilliseconds`, about a hundred times faster: a scan reads and writes millions of instants. Civil dates
 * are counted as in Howard Hinnant, "chrono-compatible low-level date algorithms": from 1 March of year 0, in eras of 400
 * years.
 */
export function toEpoch(instant: Instant): number {
  const milliseconds = digits(instant, 20, 23);
  const seconds = digits(instant, 11, 13) * 3600 + digits(instant, 14, 16) * 60 + digits(instant, 17, 19);
  return dayNumber(instant) * 86_400_000 + seconds * 1000 + milliseconds;
}

/** Days since 1970-01-01 of a date, or of the date an instant starts with: "2026-03-02". */
export function dayNumber(date: string): number {
  const month = digits(date, 5, 7);
  const year = digits(date, 0, 4) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + digits(date, 8, 10) - 1;
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

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) value = value * 10 + text.charCodeAt(index) - 48;
  return value;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}
