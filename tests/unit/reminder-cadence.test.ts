import { describe, expect, it } from 'vitest';
import { earliestWithin, type Reminders, remindersSchema, spanOf } from '../../functions/domain/reminder-cadence.ts';
import { allDay, cadence, rule } from '../reminder-patients.ts';

const faultsOf = (change: Partial<Record<keyof Reminders, unknown>>) => {
  const read = remindersSchema.safeParse({ ...cadence, ...change });
  return (read.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const kinds = (...rules: unknown[]) => ({ kinds: rules });

describe('a cadence', () => {
  it('as shipped has no fault, and none of its kinds is exempt from anything (P22)', () => {
    expect(faultsOf({})).toEqual([]);
    for (const kind of cadence.kinds)
      expect(Object.keys(kind)).toEqual(['kind', 'offsetDays', 'window', 'validForDays']);
    expect(faultsOf(kinds({ ...rule('welcome'), critical: true }))).toHaveLength(1);
  });

  it.each<[string, Parameters<typeof faultsOf>[0], string]>([
    [
      'a time no day has',
      { preferredHour: '24:00' },
      "preferredHour: write a time of the patient's day in quotes, such as '18:00'",
    ],
    ['an hour that is quiet', { preferredHour: '21:00' }, 'preferredHour: lies within quietHours: write another'],
    ['more on a day than in a week', { caps: { perDay: 2, perWeek: 1 } }, 'caps.perWeek: write at least perDay'],
    ['a date that does not exist', { holidays: ['2026-02-29'] }, 'holidays.0: write a date such as 2026-12-25'],
    ['no kinds', kinds(), 'kinds: list at least one kind, or leave reminders out'],
    [
      'a module that is due after its due day',
      kinds(rule('module-due', 1)),
      'kinds.0.offsetDays: for module-due write -7 to 0',
    ],
    [
      'a module that is late before its due day',
      kinds(rule('module-overdue', 0)),
      'kinds.0.offsetDays: for module-overdue write 1 to 60',
    ],
    ['a talk that is not tomorrow', kinds(rule('live-session', -2)), 'kinds.0.offsetDays: for live-session write -1'],
    [
      'a talk that is no longer tomorrow',
      kinds(rule('live-session', -1, { validForDays: 2 })),
      'kinds.0.validForDays: for live-session write 1: a day later the talk is no longer tomorrow',
    ],
    [
      'a window over midnight',
      kinds(rule('welcome', 0, { window: { from: '20:00', to: '09:00' } })),
      'kinds.0.window.to: write a later time of the same day than from',
    ],
    [
      'a window that is quiet from end to end',
      kinds(rule('welcome'), rule('inactivity', 3, { window: { from: '06:00', to: '08:00' } })),
      'kinds.1.window: lies wholly within quietHours: write other hours',
    ],
    [
      'a rule listed twice',
      kinds(rule('inactivity', 3), rule('inactivity', 5), rule('inactivity', 3)),
      'kinds.2.kind: inactivity with these offsetDays is listed twice: keep one',
    ],
  ])('with %s is refused', (_, change, message) => {
    expect(faultsOf(change)).toContain(message);
  });

  it('is never quiet all day', () => {
    expect(faultsOf({ quietHours: { from: '08:00', to: '08:00' } })).toContain(
      'quietHours.to: write another time than from',
    );
  });
});

describe('the first minute of a window that is not quiet', () => {
  it.each([
    ['where nothing is quiet', '21:00', '08:00', 9 * 60],
    ['where the quiet hours end within it', '21:00', '10:00', 10 * 60],
    ['where a rest at noon begins it', '08:30', '14:00', 14 * 60],
    ['where they end with it: none', '21:00', '20:00', null],
    ['where they begin with it and end tomorrow: none', '09:00', '08:00', null],
  ])('%s', (_, from, to, minute) => {
    expect(earliestWithin(spanOf(allDay), spanOf({ from, to }))).toBe(minute);
  });
});
