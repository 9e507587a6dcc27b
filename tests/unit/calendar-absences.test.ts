import { describe, expect, it } from 'vitest';
import { calendarAbsences } from '../../bin/calendar-absences.ts';

const calendar = (...entries: string[]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Example//EN',
    ...entries.flatMap((entry) => ['BEGIN:VEVENT', ...entry.trim().split(/\s*\n\s*/), 'END:VEVENT']),
    'END:VCALENDAR',
  ].join('\r\n');

const read = (text: string) => calendarAbsences(text, 'America/New_York');
const stretches = (...entries: string[]) => {
  const result = read(calendar(...entries));
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.absences.map(({ from, until }) => `${from.slice(0, 16)}/${until.slice(0, 16)}`);
};
const faults = (text: string) => {
  const result = read(text);
  return 'faults' in result ? result.faults.map(({ line, message }) => `${line}: ${message}`) : [];
};

describe('an absence from a calendar', () => {
  it('is whole days of the clinic where the entry has no time: its end is the day of the return', () => {
    expect(stretches('UID:1\nDTSTART;VALUE=DATE:20260803\nDTEND;VALUE=DATE:20260815')).toEqual([
      '2026-08-03T04:00/2026-08-15T04:00',
    ]);
    expect(stretches('UID:1\nDTSTART;VALUE=DATE:20260803')).toEqual(['2026-08-03T04:00/2026-08-04T04:00']);
  });

  it.each([
    ['in UTC', 'DTSTART:20260803T130000Z\nDTEND:20260803T150000Z', '2026-08-03T13:00/2026-08-03T15:00'],
    ['of the clinic', 'DTSTART:20260803T130000\nDURATION:PT2H', '2026-08-03T17:00/2026-08-03T19:00'],
    [
      'in a zone by its name',
      'DTSTART;TZID=Europe/Prague:20260803T130000\nDTEND;TZID=Europe/Prague:20260803T150000',
      '2026-08-03T11:00/2026-08-03T13:00',
    ],
  ])('is a time %s', (_, times, expected) => {
    expect(stretches(`UID:1\n${times}`)).toEqual([expected]);
  });

  it('follows the zone rules that the calendar brings along', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:Eastern Standard Time',
      'BEGIN:STANDARD',
      'DTSTART:16010101T020000',
      'TZOFFSETFROM:-0500',
      'TZOFFSETTO:-0500',
      'END:STANDARD',
      'END:VTIMEZONE',
    ].join('\r\n');
    const text = calendar(
      'UID:1\nDTSTART;TZID=Eastern Standard Time:20260803T130000\nDTEND;TZID=Eastern Standard Time:20260803T150000',
    ).replace('BEGIN:VEVENT', `${zone}\r\nBEGIN:VEVENT`);
    expect(read(text)).toEqual({
      absences: [{ from: '2026-08-03T18:00:00.000Z', until: '2026-08-03T20:00:00.000Z' }],
    });
  });

  it('comes once for each occurrence, without those taken out, moved or cancelled', () => {
    const every = 'UID:1\nDTSTART;VALUE=DATE:20260306\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20260313';
    const moved = 'UID:1\nRECURRENCE-ID;VALUE=DATE:20260320\nDTSTART;VALUE=DATE:20260321';
    const cancelled = 'UID:1\nRECURRENCE-ID;VALUE=DATE:20260327\nDTSTART;VALUE=DATE:20260327\nSTATUS:CANCELLED';
    // The clocks change on the 8th: days stay local days.
    expect(stretches(every, moved, cancelled)).toEqual([
      '2026-03-06T05:00/2026-03-07T05:00',
      '2026-03-21T04:00/2026-03-22T04:00',
    ]);
    expect(stretches('UID:2\nDTSTART;VALUE=DATE:20260306\nRRULE:FREQ=WEEKLY;UNTIL=20260313')).toHaveLength(2);
  });

  it('is nothing that is marked as free, cancelled, or takes no time', () => {
    expect(
      stretches(
        'UID:1\nDTSTART;VALUE=DATE:20260803\nTRANSP:TRANSPARENT',
        'UID:2\nDTSTART;VALUE=DATE:20260803\nSTATUS:CANCELLED',
        'UID:3\nDTSTART:20260803T130000Z',
      ),
    ).toEqual([]);
  });

  it('is read from every calendar of a file', () => {
    const one = calendar('UID:1\nDTSTART;VALUE=DATE:20260803');
    expect(read(`${one}\r\n${one}\r\n`)).toMatchObject({ absences: [{}, {}] });
  });
});

describe('a calendar that cannot be used', () => {
  it.each([
    ['no calendar', 'Holidays: August', '1: is no iCalendar file: export the calendar again as .ics'],
    ['a calendar cut off', calendar('UID:1\nDTSTART;VALUE=DATE:20260803').slice(0, -20), '1: is no iCalendar file: '],
    ['too large', 'x'.repeat(1024 * 1024 + 1), '1: is larger than 1 MB'],
    ['no start', calendar('UID:1\nSUMMARY:Away'), '4: this entry has no DTSTART'],
    ['a start that is none', calendar('UID:1\nDTSTART:tomorrow'), '4: this entry cannot be read'],
    ['no end', calendar('UID:1\nDTSTART;VALUE=DATE:20260306\nRRULE:FREQ=WEEKLY'), '4: this entry repeats for ever'],
    [
      'too many occurrences',
      calendar('UID:1\nDTSTART;VALUE=DATE:20260306\nRRULE:FREQ=DAILY;COUNT=1001'),
      '4: this entry repeats more than 1000 times',
    ],
    [
      'an unknown zone',
      calendar('UID:1\nDTSTART;TZID=Mars:20260803T130000\nDTEND;TZID=Mars:20260803T150000'),
      '4: this entry is in a time zone that the file does not explain',
    ],
  ])('says where: %s', (_, text, expected) => {
    const found = faults(text);
    expect(found).toHaveLength(1);
    expect(found[0]?.slice(0, expected.length)).toBe(expected);
  });

  it('names every bad entry by its line, and repeats nothing of it', () => {
    const found = faults(
      calendar('UID:1\nDTSTART;VALUE=DATE:20260803', 'UID:2\nSUMMARY:Secret', 'UID:3\nSUMMARY:Secret'),
    );
    expect(found.map((one) => one.split(':')[0])).toEqual(['8', '12']);
    expect(found.join()).not.toContain('Secret');
  });
});
