import { Temporal } from 'temporal-polyfill';

/** A local calendar date as days since 1970-01-01: a plan counts these, whatever the clocks of the place do. */
export type LocalDay = number;

/** Starts of days already looked up, by zone: zone rules are slow to ask, and a scan asks for the same few days. */
const known = new Map<string, Map<LocalDay, number>>();
const mostKnownDays = 1024;

const firstDay = Temporal.PlainDate.from('1970-01-01');

/** When a local date begins there, in milliseconds since 1970; a midnight that does not exist moves to the gap's end. */
export function startOfDay(day: LocalDay, timeZone: string): number {
  return startIn(startsOf(timeZone), day, timeZone);
}

function startsOf(timeZone: string): Map<LocalDay, number> {
  let starts = known.get(timeZone);
  if (starts === undefined || starts.size >= mostKnownDays) {
    starts = new Map();
    known.set(timeZone, starts);
  }
  return starts;
}

function startIn(starts: Map<LocalDay, number>, day: LocalDay, timeZone: string): number {
  let start = starts.get(day);
  if (start === undefined) {
    start = firstDay.add({ days: day }).toZonedDateTime(timeZone).epochMilliseconds;
    starts.set(day, start);
  }
  return start;
}

/** The local date there at a moment given in milliseconds since 1970. */
export function dayAt(milliseconds: number, timeZone: string): LocalDay {
  const starts = startsOf(timeZone);
  let day = Math.floor(milliseconds / 86_400_000);
  while (startIn(starts, day, timeZone) > milliseconds) day--;
  while (startIn(starts, day + 1, timeZone) <= milliseconds) day++;
  return day;
}
