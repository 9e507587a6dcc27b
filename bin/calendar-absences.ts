import ICAL from 'ical.js';
import { dayNumber, fromEpoch } from '../functions/domain/epoch.ts';
import type { Absence } from '../functions/domain/escalation-plan.ts';
import { type Instant, isTimeZone } from '../functions/domain/instant.ts';
import { momentOn } from '../functions/domain/working-hours.ts';

/** One thing wrong in a calendar. Lines count from 1. */
export interface CalendarFault {
  readonly line: number;
  readonly message: string;
}

type Away = Pick<Absence, 'from' | 'until'>;

/** A person has a few dozen absences a year: a file or a repetition above this is something else. */
const largestCalendarCharacters = 1024 * 1024;
const mostOccurrences = 1000;

/**
 * The absences in an iCalendar text (RFC 5545): every entry that is neither cancelled nor marked as free, each occurrence of
 * its own. Titles, places and attendees are never looked at. A day without a time, and a time without a zone, are the clinic's.
 */
export function calendarAbsences(
  text: string,
  timeZone: string,
): { readonly absences: readonly Away[] } | { readonly faults: readonly CalendarFault[] } {
  if (text.length > largestCalendarCharacters) return { faults: [{ line: 1, message: tooLarge }] };
  let entries: ICAL.Component[];
  try {
    const parsed: unknown[] = ICAL.parse(text);
    // One calendar, or several in one file.
    const calendars = typeof parsed[0] === 'string' ? [parsed] : parsed;
    entries = calendars.flatMap((one) =>
      Array.isArray(one) ? new ICAL.Component(one).getAllSubcomponents('vevent') : [],
    );
  } catch {
    return { faults: [{ line: 1, message: 'is no iCalendar file: export the calendar again as .ics' }] };
  }
  const lines = text.split(/\r?\n/).flatMap((line, index) => (/^BEGIN:VEVENT\s*$/i.test(line) ? [index + 1] : []));
  const read = entries.map((entry, index) => {
    try {
      return absencesOf(entry, timeZone);
    } catch (error) {
      const message = error instanceof EntryFault ? error.message : 'this entry cannot be read: enter it again';
      return { line: lines[index] ?? 1, message };
    }
  });
  const faults = read.flatMap((one) => ('message' in one ? [one] : []));
  return faults.length > 0 ? { faults } : { absences: read.flatMap((one) => ('message' in one ? [] : one)) };
}

const tooLarge = 'is larger than 1 MB: export only the calendar of absences';

class EntryFault extends Error {
  override readonly name = 'EntryFault';
}

function absencesOf(entry: ICAL.Component, timeZone: string): Away[] {
  const event = new ICAL.Event(entry);
  // A moved occurrence is found through the entry it belongs to.
  if (event.isRecurrenceException()) return [];
  if (event.startDate === null) throw new EntryFault('this entry has no DTSTART: enter it again');
  const occurrences = event.isRecurring()
    ? occurrencesOf(event)
    : [{ start: event.startDate, end: event.endDate, item: event }];
  return occurrences
    .filter(({ item }) => isAway(item))
    .map(({ start, end, item }) => {
      const named = item.component.getFirstProperty('dtstart')?.getFirstParameter('tzid');
      return { from: instantOf(start, named, timeZone), until: instantOf(end, named, timeZone) };
    })
    .filter(({ from, until }) => from < until);
}

function occurrencesOf(event: ICAL.Event) {
  const rules = event.component.getAllProperties('rrule').map((one) => one.getFirstValue());
  if (rules.some((rule) => rule instanceof ICAL.Recur && !rule.count && !rule.until))
    throw new EntryFault('this entry repeats for ever: give its repetition an end');
  const found: { start: ICAL.Time; end: ICAL.Time; item: ICAL.Event }[] = [];
  const iterator = event.iterator();
  for (let next = iterator.next(); next; next = iterator.next()) {
    if (found.length === mostOccurrences)
      throw new EntryFault(`this entry repeats more than ${mostOccurrences} times: give its repetition an earlier end`);
    const { startDate, endDate, item } = event.getOccurrenceDetails(next);
    found.push({ start: startDate, end: endDate, item });
  }
  return found;
}

function isAway({ component }: ICAL.Event): boolean {
  const is = (name: string, value: string) => String(component.getFirstPropertyValue(name)).toUpperCase() === value;
  return !is('status', 'CANCELLED') && !is('transp', 'TRANSPARENT');
}

function instantOf(time: ICAL.Time, named: string | undefined, timeZone: string): Instant {
  const own = time.zone.tzid;
  const zone = time.isDate ? timeZone : own === 'floating' ? (named ?? timeZone) : own;
  const date = `${String(time.year).padStart(4, '0')}-${String(time.month).padStart(2, '0')}-${String(time.day).padStart(2, '0')}`;
  if (isTimeZone(zone)) return fromEpoch(momentOn(dayNumber(date), time.hour * 60 + time.minute, zone));
  // A zone of the calendar's own, such as Outlook's, brings its rules along.
  if (zone === own) return fromEpoch(time.toUnixTime() * 1000);
  throw new EntryFault(
    'this entry is in a time zone that the file does not explain: export the calendar with its zones',
  );
}
