import { describe, expect, it } from 'vitest';
import { pathOf, placeOf } from '../../console/src/address.ts';
import type { Alert } from '../../console/src/contract.ts';
import { idleLimits, idleWatch } from '../../console/src/idle.ts';
import { outcomeOf } from '../../console/src/outcome.ts';
import {
  distanceInWords,
  fromLocalInput,
  momentInWords,
  quarterHourIn,
  readerOf,
  timeOfDayIn,
  toLocalInput,
} from '../../console/src/times.ts';
import { aboutWhat, canAcknowledge, hasEnded, inOrder, named } from '../../console/src/words.ts';

const now = Date.parse('2026-11-25T14:30:00Z');
const newYork = { locale: 'en-US', timeZone: 'America/New_York' };

describe('an address of the page', () => {
  it('holds the id of an alert or means the list, and nothing else', () => {
    expect(placeOf('/alerts/a-1f')).toEqual({ view: 'alert', id: 'a-1f' });
    for (const path of ['/', '/alerts/', '/alerts/a/b', '/alerts/%3Cscript%3E', '//evil.example', '/other'])
      expect(placeOf(path)).toEqual({ view: 'list' });
    expect(pathOf({ view: 'alert', id: 'a-1f' })).toBe('/alerts/a-1f');
    expect(pathOf({ view: 'list' })).toBe('/');
  });
});

describe('a moment in words', () => {
  it.each([
    ['2026-11-25T14:05:00.000Z', 'today, 9:05 AM', '25 minutes ago'],
    ['2026-11-25T14:30:20.000Z', 'today, 9:30 AM', 'now'],
    ['2026-11-25T17:30:00.000Z', 'today, 12:30 PM', 'in 3 hours'],
    ['2026-11-25T04:30:00.000Z', 'yesterday, 11:30 PM', '10 hours ago'],
    ['2026-11-26T06:00:00.000Z', 'tomorrow, 1:00 AM', 'in 16 hours'],
    ['2026-11-20T14:30:00.000Z', 'Fri, Nov 20, 9:30 AM', '5 days ago'],
    ['2025-12-31T14:30:00.000Z', 'Wed, Dec 31, 2025, 9:30 AM', '329 days ago'],
  ])('%s', (instant, words, distance) => {
    expect(momentInWords(instant, now, newYork).replaceAll('\u202f', ' ')).toBe(words);
    expect(distanceInWords(instant, now, newYork)).toBe(distance);
  });

  it('counts days by the reader’s calendar, over a change of the clock as well', () => {
    const afterTheChange = Date.parse('2026-11-02T04:30:00Z');
    expect(momentInWords('2026-11-01T03:30:00Z', afterTheChange, newYork)).toMatch(/^yesterday/);
  });

  it('knows the time where the patient is, or says nothing', () => {
    expect(timeOfDayIn('Asia/Tokyo', now, newYork)).toMatch(/^11:30.PM$/);
    expect(timeOfDayIn('Nowhere/Else', now, newYork)).toBeNull();
  });

  it('is written in the reader’s own English', () => {
    expect(readerOf(['sv-SE', 'en-GB', 'en-US']).locale).toBe('en-GB');
    expect(readerOf(['sv-SE']).locale).toBe('en');
  });
});

describe('a moment in a form', () => {
  it('goes to the field and back by this computer’s clock', () => {
    expect(fromLocalInput(toLocalInput(now))).toBe('2026-11-25T14:30:00.000Z');
    expect(fromLocalInput('')).toBeNull();
    expect(fromLocalInput('soon')).toBeNull();
  });

  it('is suggested on a quarter of an hour', () => {
    expect(new Date(quarterHourIn(1, now + 1)).toISOString()).toBe('2026-11-25T15:45:00.000Z');
  });
});

describe('whoever leaves the computer', () => {
  it('is warned, and signed off once, by the clock and not by a count of looks', () => {
    let at = 0;
    const told: string[] = [];
    const watch = idleWatch(
      idleLimits(15),
      () => at,
      (state) => told.push(state),
    );
    const minutesLater = (minutes: number, act: () => void) => {
      at += minutes * 60_000;
      act();
    };
    minutesLater(13.9, watch.look);
    minutesLater(0.1, watch.look);
    minutesLater(0.5, watch.active);
    minutesLater(13.9, watch.look);
    expect(told).toEqual(['warned', 'active']);
    minutesLater(480, watch.active);
    minutesLater(0, watch.active);
    minutesLater(1, watch.look);
    expect(told).toEqual(['warned', 'active', 'idle']);
  });

  it('is warned at half the time where that is short', () => {
    expect(idleLimits(1)).toEqual({ limit: 60_000, warning: 30_000 });
    expect(idleLimits(15)).toEqual({ limit: 900_000, warning: 60_000 });
  });
});

describe('an outcome as it is filled in', () => {
  const filled = (fields: Readonly<Record<string, string>>) => outcomeOf((name) => fields[name] ?? '', now);
  const later = toLocalInput(now + 3_600_000);

  it.each([
    [{ code: 'reached' }, { code: 'reached' }],
    [
      { code: 'not-reached', nextTry: later },
      { code: 'not-reached', nextTry: '2026-11-25T15:30:00.000Z' },
    ],
    [
      { code: 'referred', referral: 'treatment' },
      { code: 'referred', disclosure: null },
    ],
    [
      { code: 'no-action-needed', why: 'a typing error' },
      { code: 'no-action-needed', why: 'a typing error' },
    ],
  ])('%j is what is sent', (fields, outcome) => {
    expect(filled(fields)).toEqual({ outcome, faults: {} });
  });

  it.each([
    [{}, ['code']],
    [{ code: 'another' }, ['code']],
    [{ code: 'not-reached' }, ['nextTry']],
    [{ code: 'not-reached', nextTry: toLocalInput(now - 60_000) }, ['nextTry']],
    [{ code: 'referred' }, ['referral']],
    [{ code: 'referred', referral: 'disclosure', recipient: 'Dr. Example' }, ['what', 'purpose']],
    [{ code: 'no-action-needed' }, ['why']],
  ])('%j is sent back to the person, with what is missing', (fields, faults) => {
    expect(filled(fields)).toEqual({ outcome: null, faults: expect.any(Object) });
    expect(Object.keys(filled(fields).faults)).toEqual(faults);
  });
});

describe('an alert in words', () => {
  const alert: Alert = {
    id: 'a-1',
    tier: 'alert',
    cause: 'dropout',
    status: 'open',
    patient: 'p-1',
    openedAt: '2026-11-25T14:00:00.000Z',
    raisedAt: '2026-11-25T14:00:00.000Z',
    nextActionAt: '2026-11-25T16:00:00.000Z',
    snoozedUntil: null,
    acknowledgedBy: [],
    version: 1,
  };

  it('comes by urgency, then by what happens next', () => {
    const of = (id: string, rest: Partial<Alert>) => ({ ...alert, id, ...rest });
    const order = inOrder([
      of('list', { tier: 'list' }),
      of('ended', { nextActionAt: null }),
      of('later', { nextActionAt: '2026-11-25T18:00:00.000Z' }),
      of('sooner', {}),
      of('urgent', { tier: 'urgent', nextActionAt: '2026-11-26T00:00:00.000Z' }),
    ]);
    expect(order.map(({ id }) => id)).toEqual(['urgent', 'sooner', 'later', 'ended', 'list']);
  });

  it('can be acknowledged by whoever has not, also where each of those asked must', () => {
    expect(canAcknowledge(alert, 't-7')).toBe(true);
    expect(canAcknowledge({ ...alert, acknowledgedBy: ['s-1'] }, 't-7')).toBe(true);
    expect(canAcknowledge({ ...alert, acknowledgedBy: ['t-7'] }, 't-7')).toBe(false);
    expect(canAcknowledge({ ...alert, status: 'acknowledged', acknowledgedBy: ['s-1'] }, 't-7')).toBe(false);
    expect(canAcknowledge({ ...alert, status: 'overdue' }, 't-7')).toBe(true);
    expect(canAcknowledge({ ...alert, status: 'snoozed', acknowledgedBy: ['t-7'] }, 't-7')).toBe(true);
  });

  it('says who, and what about as far as one may know', () => {
    expect([named([]), named(['t-7']), named(['t-7', 's-1', 's-2'])]).toEqual(['', 't-7', 't-7, s-1 and s-2']);
    expect(aboutWhat(alert)).toBe('At risk of leaving the programme');
    expect(aboutWhat({ cause: null })).toBe('Alert');
    expect([hasEnded(alert), hasEnded({ status: 'withdrawn' })]).toEqual([false, true]);
  });
});
