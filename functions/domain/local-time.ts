import { Temporal } from 'temporal-polyfill';
import { dayAt, type LocalDay, startOfDay } from './local-day.ts';

/**
 * Local time by one policy, that of RFC 5545 and of Temporal's "compatible": a time that the clocks skip moves forward by the
 * length of the gap, one that comes twice means its first occurrence. Moments are milliseconds since 1970.
 */

/** What a clock on the wall shows, in whole minutes since midnight: 0 to 1439. */
export type WallMinute = number;

/** Every day from `from` up to, not including, `to`; over midnight where `from` is the later one. They differ. */
export interface WallSpan {
  readonly from: WallMinute;
  readonly to: WallMinute;
}

const minuteLength = 60_000;
const usualDayLength = 24 * 60 * minuteLength;
const firstDay = Temporal.PlainDate.from('1970-01-01');

/** The minute of "18:30". The text is one that a clinic's schema has taken. */
export function wallMinute(text: string): WallMinute {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** "18:30" for a minute of the day. */
export function wallText(minute: WallMinute): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** The date and the time that the clocks there show at a moment. */
export function wallTimeAt(moment: number, timeZone: string): { readonly day: LocalDay; readonly minute: WallMinute } {
  const day = dayAt(moment, timeZone);
  if (hasUsualLength(day, timeZone))
    return { day, minute: Math.floor((moment - startOfDay(day, timeZone)) / minuteLength) };
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(timeZone);
  return { day, minute: hour * 60 + minute };
}

/** The moment at which the clocks there show a time on a date; "later" asks for the second of two. */
export function atWallTime(
  day: LocalDay,
  minute: WallMinute,
  timeZone: string,
  disambiguation: 'compatible' | 'later' = 'compatible',
): number {
  if (hasUsualLength(day, timeZone)) return startOfDay(day, timeZone) + minute * minuteLength;
  return firstDay
    .add({ days: day })
    .toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 })
    .toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
}

/** The next moment after this one, never this one itself, at which a daily appointment falls due. */
export function nextWallTime(after: number, minute: WallMinute, timeZone: string): number {
  const today = dayAt(after, timeZone);
  const due = atWallTime(today, minute, timeZone);
  return due > after ? due : atWallTime(today + 1, minute, timeZone);
}

export function isWithin(minute: WallMinute, { from, to }: WallSpan): boolean {
  return from < to ? from <= minute && minute < to : from <= minute || minute < to;
}

/**
 * The moment itself where the clocks do not stand within the span, else the moment at which the span ends. Within is what the
 * clocks show: in an hour that comes twice, somebody who looks at the clock in its second half is within once more, until the
 * second end.
 */
export function endOfSpan(moment: number, span: WallSpan, timeZone: string): number {
  const { day, minute } = wallTimeAt(moment, timeZone);
  if (!isWithin(minute, span)) return moment;
  const endDay = minute < span.to ? day : day + 1;
  const end = atWallTime(endDay, span.to, timeZone);
  return end > moment ? end : atWallTime(endDay, span.to, timeZone, 'later');
}

/** "2026-03-08T19:00-04:00": what the clocks there show at a moment, and how far they are from UTC. */
export function localText(moment: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(moment)
    .toZonedDateTimeISO(timeZone)
    .toString({ smallestUnit: 'minute', timeZoneName: 'never' });
}

/** No clock is changed within a day of 24 hours: its minutes can be counted from its start. */
function hasUsualLength(day: LocalDay, timeZone: string): boolean {
  return startOfDay(day + 1, timeZone) - startOfDay(day, timeZone) === usualDayLength;
}
