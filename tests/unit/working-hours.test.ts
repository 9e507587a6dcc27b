import { describe, expect, it } from 'vitest';
import { dayNumber, fromEpoch, toEpoch } from '../../functions/domain/epoch.ts';
import {
  afterWorking,
  isWorking,
  momentOn,
  nextWorking,
  type WorkingHours,
  weekdayOf,
} from '../../functions/domain/working-hours.ts';

const nineToFive = [{ from: 540, to: 1020 }];
const newYork: WorkingHours = {
  timeZone: 'America/New_York',
  week: [nineToFive, nineToFive, nineToFive, nineToFive, nineToFive, [], []],
  holidays: ['2026-12-25'],
};
const hour = 3_600_000;

/** 2026-03-02 is a Monday; New York is five hours behind UTC until the 8th, four from then on. */
const at = (text: string) => toEpoch(`${text}:00.000Z`);
const dueAfter = (start: string, milliseconds: number, hours = newYork) =>
  fromEpoch(afterWorking(at(start), milliseconds, hours)).slice(0, 16);

describe('working hours', () => {
  it.each([
    ['2026-03-02T13:59', false],
    ['2026-03-02T14:00', true],
    ['2026-03-02T21:59', true],
    ['2026-03-02T22:00', false],
    ['2026-03-07T16:00', false],
    ['2026-12-25T16:00', false],
  ])('include their start and not their end, no weekend and no holiday: %s %s', (moment, expected) => {
    expect(isWorking(at(moment), newYork)).toBe(expected);
  });

  it.each([
    ['the same moment within them', '2026-03-02T15:30', '2026-03-02T15:30'],
    ['the morning before them', '2026-03-02T06:00', '2026-03-02T14:00'],
    ['the next morning at their end', '2026-03-02T22:00', '2026-03-03T14:00'],
    ['Monday on a Friday evening, across the change of the clocks', '2026-03-06T23:00', '2026-03-09T13:00'],
    ['the day after a holiday and its weekend', '2026-12-24T22:30', '2026-12-28T14:00'],
  ])('start next at: %s', (_, moment, expected) => {
    expect(fromEpoch(nextWorking(at(moment), newYork)).slice(0, 16)).toBe(expected);
  });

  it.each([
    ['within a day', '2026-03-02T15:00', 4 * hour, '2026-03-02T19:00'],
    ['over a night', '2026-03-02T20:00', 4 * hour, '2026-03-03T16:00'],
    ['over a weekend', '2026-03-06T21:00', 4 * hour, '2026-03-09T16:00'],
    ['from a night', '2026-03-02T03:00', hour, '2026-03-02T15:00'],
    ['what ends with the day is due the next morning', '2026-03-02T18:00', 4 * hour, '2026-03-03T14:00'],
    ['over several days', '2026-03-02T14:00', 20 * hour, '2026-03-04T18:00'],
  ])('count down: %s', (_, start, milliseconds, expected) => {
    expect(dueAfter(start, milliseconds)).toBe(expected);
  });

  it('may have several spans in a day', () => {
    const split = {
      ...newYork,
      week: newYork.week.map(() => [
        { from: 540, to: 720 },
        { from: 780, to: 1020 },
      ]),
    };
    expect(dueAfter('2026-03-02T16:00', 2 * hour, split)).toBe('2026-03-02T19:00');
    expect(isWorking(at('2026-03-02T17:30'), split)).toBe(false);
  });

  it('count elapsed time through the night on which the clocks change', () => {
    const allDay = { ...newYork, week: newYork.week.map(() => [{ from: 0, to: 1440 }]) };
    expect(dueAfter('2026-03-08T05:00', 22 * hour, allDay)).toBe('2026-03-09T03:00');
    expect(dueAfter('2026-03-08T05:00', 23 * hour, allDay)).toBe('2026-03-09T04:00');
    expect(dueAfter('2026-11-01T04:00', 25 * hour, allDay)).toBe('2026-11-02T05:00');
  });
});

describe('a time of the clock on the wall', () => {
  it.each([
    ['2026-03-08', 150, '2026-03-08T07:30', 'is skipped: moves forward by the gap'],
    ['2026-03-08', 540, '2026-03-08T13:00', 'after the gap'],
    ['2026-11-01', 90, '2026-11-01T05:30', 'comes twice: the first'],
    ['2026-11-01', 540, '2026-11-01T14:00', 'after the hour that comes twice'],
    ['2026-03-08', 1440, '2026-03-09T04:00', 'the end of a short day'],
    ['2026-03-02', 1440, '2026-03-03T05:00', 'the end of an ordinary day'],
  ])('%s + %i min is %s: %s', (date, minutes, expected) => {
    expect(fromEpoch(momentOn(dayNumber(date), minutes, 'America/New_York')).slice(0, 16)).toBe(expected);
  });
});

it('weekdays are counted from Monday, before 1970 too', () => {
  expect(['2026-03-02', '2026-03-08', '1970-01-01', '1969-12-29'].map((date) => weekdayOf(dayNumber(date)))).toEqual([
    0, 6, 3, 0,
  ]);
});
