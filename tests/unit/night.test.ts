import { describe, expect, it } from 'vitest';
import {
  closeNight,
  endedLate,
  morningLists,
  type NightLine,
  type NightRun,
  newestNightDue,
  nightAt,
  shortfallOf,
} from '../../functions/domain/night.ts';

const line = (patient: string, change: Partial<NightLine> = {}): NightLine => ({
  night: '2026-03-08',
  patient,
  outcome: 'assessed',
  changed: false,
  therapist: null,
  alerts: [],
  ...change,
});
const run: NightRun = {
  night: '2026-03-08',
  rules: 'sha256:rules',
  startedAt: '2026-03-08T07:00:00.000Z',
  until: null,
  finished: null,
};

describe('a night', () => {
  it.each([
    ['an ordinary night, at 06:00 sharp', '2026-03-05T11:00:00.000Z', 4 * 3600, false],
    ['an ordinary night, later', '2026-03-05T11:00:00.001Z', 4 * 3600, true],
    ['the short night: three hours after its start at 03:00', '2026-03-08T10:00:00.000Z', 3 * 3600, false],
    ['the long night: five hours after 02:00', '2026-11-01T11:00:00.000Z', 4 * 3600, false],
    ['a scan that starts before midnight is for the next morning', '2026-03-05T11:00:00.000Z', 7 * 3600, false],
    ['a scan that starts before midnight, later', '2026-03-05T11:00:01.000Z', 7 * 3600, true],
    ['a scan that starts at 06:00 is for the next morning', '2026-03-05T11:00:10.000Z', 10, false],
  ])('is late where its lists were not there at 06:00 on the clinic’s clock: %s', (_name, at, seconds, late) => {
    expect(endedLate({ at, seconds }, 'America/New_York')).toBe(late);
  });

  it('is named by the clinic\u2019s local date', () => {
    expect(nightAt('2026-03-08T03:30:00.000Z', 'America/New_York')).toBe('2026-03-07');
    expect(nightAt('2026-03-08T03:30:00.000Z', 'Europe/Berlin')).toBe('2026-03-08');
  });

  it.each([
    // Two hours of grace after 02:00; the clocks go forward at 02:00 on 8 March and back on 1 November.
    ['an ordinary night, too early to judge', '2026-03-05T08:59:59.999Z', '2026-03-04'],
    ['an ordinary night', '2026-03-05T09:00:00.000Z', '2026-03-05'],
    ['the short night: 02:00 does not exist and the scan starts at 03:00', '2026-03-08T08:59:59.999Z', '2026-03-07'],
    ['the short night, two hours after its start', '2026-03-08T09:00:00.000Z', '2026-03-08'],
    ['the long night: 02:00 comes once, after 01:00 came twice', '2026-11-01T08:59:59.999Z', '2026-10-31'],
    ['the long night, two hours after its start', '2026-11-01T09:00:00.000Z', '2026-11-01'],
  ])('is expected to be over by its local date, not by a difference of times (T16): %s', (_, now, night) => {
    expect(newestNightDue(now, 'America/New_York', '02:00', 2 * 3_600_000)).toBe(night);
  });

  it('is counted from its lines', () => {
    const lines = [line('p-1', { changed: true }), line('p-2'), line('p-3', { outcome: 'set-aside' })];
    expect(closeNight(run, lines, 2, '2026-03-08T07:01:30.400Z')).toEqual({
      at: '2026-03-08T07:01:30.400Z',
      due: 5,
      assessed: 2,
      changed: 1,
      setAside: 1,
      missed: 2,
      seconds: 90,
    });
  });

  it('is told in words when it leaves somebody out, and is silent when it does not', () => {
    const finished = { at: run.startedAt, due: 3, assessed: 3, changed: 0, setAside: 0, missed: 0, seconds: 1 };
    expect(shortfallOf('2026-03-08', undefined, 0)).toBe('The scan of 2026-03-08 did not start.');
    expect(shortfallOf('2026-03-08', run, 7)).toContain('did not finish; 7 patients');
    expect(shortfallOf('2026-03-08', { ...run, finished: { ...finished, missed: 2 } }, 2)).toContain(
      'missed 2 patients',
    );
    expect(shortfallOf('2026-03-08', { ...run, finished }, 4)).toContain('4 patients were due before');
    expect(shortfallOf('2026-03-08', { ...run, finished: { ...finished, setAside: 1 } }, 0)).toContain(
      'set 1 patients aside',
    );
    expect(shortfallOf('2026-03-08', { ...run, finished }, 0)).toBeNull();
    // Missed when it was closed, looked at by a later start: nothing is left to alarm about.
    expect(shortfallOf('2026-03-08', { ...run, finished: { ...finished, missed: 2 } }, 0)).toBeNull();
  });

  it('gives each therapist one list, and one for those who have none', () => {
    const lines = [
      line('p-1', { therapist: 't-2', alerts: ['a-2', 'a-1'] }),
      line('p-2', { alerts: ['a-4'] }),
      line('p-3', { therapist: 't-2', alerts: ['a-3'] }),
      line('p-4', { therapist: 't-1', alerts: ['a-5'] }),
      line('p-5', { therapist: 't-1' }),
    ];
    expect(morningLists('2026-03-08', lines)).toEqual([
      { night: '2026-03-08', therapist: 't-1', patients: 1, alerts: ['a-5'] },
      { night: '2026-03-08', therapist: 't-2', patients: 2, alerts: ['a-1', 'a-2', 'a-3'] },
      { night: '2026-03-08', therapist: null, patients: 1, alerts: ['a-4'] },
    ]);
    const three = ['t-1', null, 't-3', 't-2'].map((therapist, index) =>
      line(`p-${index}`, { therapist, alerts: ['a'] }),
    );
    for (const order of [three, three.toReversed()])
      expect(morningLists('2026-03-08', order).map(({ therapist }) => therapist)).toEqual(['t-1', 't-2', 't-3', null]);
    expect(
      morningLists('2026-03-08', [line('p-1', { alerts: ['a'] }), line('p-2', { therapist: 't', alerts: ['b'] })]),
    ).toHaveLength(2);
  });
});
