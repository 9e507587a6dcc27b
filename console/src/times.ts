import type { Instant } from './contract.ts';

/** How a reader writes times: a locale of English, since the page is in English, and an IANA zone. */
export interface Reader {
  readonly locale: string;
  readonly timeZone: string;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** "today, 2:05 PM", "yesterday, 2:05 PM", "Mon, Nov 23, 2:05 PM"; the year where it is another one. */
export function momentInWords(instant: Instant, now: number, { locale, timeZone }: Reader): string {
  const at = Date.parse(instant);
  const time = new Intl.DateTimeFormat(locale, { timeZone, hour: 'numeric', minute: '2-digit' }).format(at);
  return `${dayInWords(at, now, { locale, timeZone })}, ${time}`;
}

function dayInWords(at: number, now: number, { locale, timeZone }: Reader): string {
  const isoDay = new Intl.DateTimeFormat('sv-SE', { timeZone });
  const days = Math.round((Date.parse(isoDay.format(at)) - Date.parse(isoDay.format(now))) / day);
  if (Math.abs(days) <= 1) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
  const sameYear = isoDay.format(at).slice(0, 4) === isoDay.format(now).slice(0, 4);
  return new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

/** "35 minutes ago", "in 2 hours", "now". */
export function distanceInWords(instant: Instant, now: number, { locale }: Pick<Reader, 'locale'>): string {
  const distance = Date.parse(instant) - now;
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const size = Math.abs(distance);
  if (size < minute) return 'now';
  if (size < 1.5 * hour) return words.format(Math.trunc(distance / minute), 'minute');
  if (size < 2 * day) return words.format(Math.round(distance / hour), 'hour');
  return words.format(Math.round(distance / day), 'day');
}

/** "9:12 AM", in a zone that may be another one than the reader's; null where this browser does not know it. */
export function timeOfDayIn(zone: string, now: number, { locale }: Pick<Reader, 'locale'>): string | null {
  try {
    return new Intl.DateTimeFormat(locale, { timeZone: zone, hour: 'numeric', minute: '2-digit' }).format(now);
  } catch {
    return null;
  }
}

/** A moment as the value of an input of type datetime-local, on this computer's clock: "2026-11-25T14:05". */
export function toLocalInput(at: number): string {
  const date = new Date(at);
  const local = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  return `${local}T${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Back again; null where it is no date and time. */
export function fromLocalInput(value: string): Instant | null {
  const at = new Date(value);
  return value === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** The first quarter of an hour that lies at least so many hours ahead. */
export function quarterHourIn(hours: number, now: number): number {
  return Math.ceil((now + hours * hour) / (15 * minute)) * 15 * minute;
}

/** English as this browser's user writes times in it. */
export function readerOf(languages: readonly string[]): Reader {
  return {
    locale: languages.find((language) => /^en\b/i.test(language)) ?? 'en',
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
