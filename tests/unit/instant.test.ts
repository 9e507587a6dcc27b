import { describe, expect, it } from 'vitest';
import {
  days,
  epochMilliseconds,
  hours,
  instantAt,
  isTimeZone,
  later,
  localDate,
  readInstant,
} from '../../functions/domain/instant.ts';

describe('reading a date-time', () => {
  it.each([
    ['2026-03-02T09:00:00Z', '2026-03-02T09:00:00.000Z'],
    ['2026-03-02T09:00:00+01:00', '2026-03-02T08:00:00.000Z'],
    ['2026-03-01T23:30:00-05:30', '2026-03-02T05:00:00.000Z'],
    ['2026-03-02T09:00:00-00:00', '2026-03-02T09:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is one moment, written in UTC with three digits', (text, instant) => {
    expect(readInstant(text)).toBe(instant);
  });

  it.each([
    ['2026-03-02T09:00:00.5Z', '2026-03-02T09:00:00.500Z'],
    ['2026-03-02T09:00:00.9999Z', '2026-03-02T09:00:00.999Z'],
    ['1969-12-31T23:59:59.9999999Z', '1969-12-31T23:59:59.999Z'],
    ['2026-03-02T09:00:00.123456789012345Z', '2026-03-02T09:00:00.123Z'],
  ])('what is finer than a millisecond is cut off: %s', (text, instant) => {
    expect(readInstant(text)).toBe(instant);
  });

  it('takes "t" and "z" in lower case, as RFC 3339 does', () => {
    expect(readInstant('2026-03-02t09:00:00z')).toBe('2026-03-02T09:00:00.000Z');
  });

  it.each(['2016-12-31T23:59:60Z', '2016-12-31T23:59:60.25Z', '2016-12-31T18:59:60-05:00'])(
    'the leap second %s is the last millisecond before midnight',
    (text) => {
      expect(readInstant(text)).toBe('2016-12-31T23:59:59.999Z');
    },
  );

  it.each(['2026-03-02T09:00:60Z', '2016-12-31T23:59:60-05:00', '2026-03-02T09:00:61Z'])(
    'a second 60 where there is no leap second is refused: %s',
    (text) => {
      expect(readInstant(text)).toBeNull();
    },
  );

  it.each(['2026-03-02T09:00:00', '2026-03-02T09:00', '2026-03-02', '2026-03-02T09:00:00[America/New_York]'])(
    'a local time without its offset is no moment: %s',
    (text) => {
      expect(readInstant(text)).toBeNull();
    },
  );

  it.each([
    '2026-02-29T09:00:00Z',
    '2026-13-01T09:00:00Z',
    '2026-03-02T24:00:00Z',
    '2026-03-02T09:60:00Z',
    '2026-03-02T09:00:00+24:00',
  ])('a day, hour or offset that does not exist is refused: %s', (text) => {
    expect(readInstant(text)).toBeNull();
  });

  it.each([
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '+012026-03-02T09:00:00Z',
    '-002026-03-02T09:00:00Z',
  ])('outside the years 0001 to 9999 in UTC, where text order is not time order, it is refused: %s', (text) => {
    expect(readInstant(text)).toBeNull();
  });

  it.each(['', 'yesterday', '2026-03-02 09:00:00Z', ' 2026-03-02T09:00:00Z', '2026-03-02T09:00:00Z\n', '1772442000'])(
    'anything else is refused: %j',
    (text) => {
      expect(readInstant(text)).toBeNull();
    },
  );
});

describe('reckoning with moments', () => {
  it('a day is 24 hours of elapsed time', () => {
    expect(days).toBe(24 * hours);
    expect(later('2026-03-08T00:00:00.000Z', days)).toBe('2026-03-09T00:00:00.000Z');
    expect(later('2026-03-08T00:00:00.000Z', -hours)).toBe('2026-03-07T23:00:00.000Z');
    expect(() => later('2026-03-08T00:00:00.000Z', 0.5)).toThrow('whole milliseconds');
  });

  it('an instant and its milliseconds say the same', () => {
    expect(epochMilliseconds('1970-01-01T00:00:00.001Z')).toBe(1);
    expect(instantAt(1)).toBe('1970-01-01T00:00:00.001Z');
  });

  it('stays within the years 0001 to 9999, so that text order stays time order', () => {
    expect(later('9999-12-31T00:00:00.000Z', 2 * days)).toBe('9999-12-31T23:59:59.999Z');
    expect(instantAt(Number.NEGATIVE_INFINITY)).toBe('0001-01-01T00:00:00.000Z');
    expect(() => instantAt(0.5)).toThrow(RangeError);
  });

  it('the local date is the one on the wall of that place', () => {
    expect(localDate('2026-03-02T03:00:00.000Z', 'America/New_York')).toBe('2026-03-01');
    expect(localDate('2026-03-02T03:00:00.000Z', 'Asia/Tokyo')).toBe('2026-03-02');
  });
});

describe('naming a time zone', () => {
  it.each([
    'America/New_York',
    'America/Argentina/Buenos_Aires',
    'America/Port-au-Prince',
    'Asia/Calcutta',
    'UTC',
    'Etc/UTC',
  ])('%s is the zone of a place', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['Mars/Base', 'America/Nowhere', 'America/', '/', '', 'New York', '__proto__'])('%j is unknown', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  it.each(['EST5EDT', 'EST', 'PST8PDT', 'GMT', '+05:00', 'Etc/GMT+5', 'UTC+2'])(
    '%s does not follow the clocks of a place, so it is refused',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );

  it.each(['america/new_york', 'utc', 'AMERICA/NEW_YORK'])('%s is not spelled as in the list', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
