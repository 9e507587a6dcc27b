import { Temporal } from 'temporal-polyfill';
import { dayNumber } from './epoch.ts';
import { dayAt, type LocalDay, startOfDay } from './local-day.ts';

/** Monday first, as ISO 8601 counts. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A span of one local day, in minutes after midnight by the clock on the wall: 540 is 09:00. `to` is not part of it. */
export interface DaySpan {
  readonly from: number;
  readonly to: number;
}

/** When a clinic works. At least one weekday has a span; the spans of a day are in order and do not overlap. */
export interface WorkingHours {
  readonly timeZone: string;
  /** Seven lists, Monday first. */
  readonly week: readonly (readonly DaySpan[])[];
  /** Local dates such as "2026-12-25" on which nobody works. */
  readonly holidays: readonly string[];
}

/** A stretch of time in milliseconds since 1970; `until` is not part of it. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Whether the clinic works at this moment, in milliseconds since 1970. */
export function isWorking(at: number, hours: WorkingHours): boolean {
  return stretchesOf(dayAt(at, hours.timeZone), hours).some(({ from, until }) => from <= at && at < until);
}

/** The moment itself where the clinic works then, else the start of its next working hours. */
export function nextWorking(at: number, hours: WorkingHours): number {
  return afterWorking(at, 0, hours);
}

/**
 * The moment after this many milliseconds of working time, which is itself in working hours: what would end exactly with the
 * day is due when the next one starts. Elapsed time is counted, so that a change of the clocks gives and takes nothing.
 */
export function afterWorking(at: number, milliseconds: number, hours: WorkingHours): number {
  let left = milliseconds;
  for (let day = dayAt(at, hours.timeZone); ; day++)
    for (const { from, until } of stretchesOf(day, hours)) {
      const start = Math.max(from, at);
      if (until - start > left) return start + left;
      left -= Math.max(until - start, 0);
    }
}

/** The working time of one local day. */
export function stretchesOf(day: LocalDay, hours: WorkingHours): Stretch[] {
  if (hours.holidays.some((date) => dayNumber(date) === day)) return [];
  const weekday = weekdayOf(day);
  const spans = hours.week.filter((_, index) => index === weekday).flat();
  return spans.map(({ from, to }) => ({
    from: momentOn(day, from, hours.timeZone),
    until: momentOn(day, to, hours.timeZone),
  }));
}

/** 0 for a Monday. 1970-01-01 was a Thursday. */
export function weekdayOf(day: LocalDay): number {
  return (((day + 3) % 7) + 7) % 7;
}

const ordinaryDay = 86_400_000;

/**
 * The moment at which the clock on the wall there shows so many minutes after midnight, up to 1440. A time that the clocks
 * skip moves forward by the length of the gap; of a time that comes twice the first counts (RFC 5545).
 */
export function momentOn(day: LocalDay, minutes: number, timeZone: string): number {
  const start = startOfDay(day, timeZone);
  const end = startOfDay(day + 1, timeZone);
  if (end - start === ordinaryDay) return start + minutes * 60_000;
  if (minutes === 1440) return end;
  const time = Temporal.PlainTime.from({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  return Temporal.PlainDate.from('1970-01-01').add({ days: day }).toZonedDateTime({ timeZone, plainTime: time })
    .epochMilliseconds;
}
