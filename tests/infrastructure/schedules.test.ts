import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { newestNightDue, nightAt } from '../../functions/domain/night.ts';
import { graceMilliseconds } from '../../functions/scan-watchdog/watchdog.ts';
import { scanCron, watchdogCron } from '../../lib/night-times.ts';
import { exampleClinic } from '../example-clinic.ts';
import { exampleDeployment, localDeployment, named, ofType, only, runningIn, synthesized } from './synthesis.ts';

const running = runningIn(synthesized(exampleDeployment));
const schedules = ofType(running, 'AWS::Scheduler::Schedule');

describe('T18: whatever runs by the clock', () => {
  it('is never the schedule of a rule, which knows UTC only', () => {
    for (const [, { Properties }] of ofType(running, 'AWS::Events::Rule'))
      expect(Properties['ScheduleExpression']).toBeUndefined();
  });

  it('runs by the clock of the clinic, and on the minute', () => {
    expect(schedules.length).toBeGreaterThan(2);
    for (const [, { Properties }] of schedules) {
      expect(Properties['ScheduleExpressionTimezone']).toBe(exampleClinic.settings.timeZone);
      expect(Properties['FlexibleTimeWindow']).toEqual({ Mode: 'OFF' });
      expect(Properties['State']).toBe('ENABLED');
    }
  });

  it('is the scan at the time of clinic.yaml and an hour later, and its watchdog three hours later', () => {
    const scan = only(running, 'AWS::Scheduler::Schedule', 'NightlyScanNightlySchedule');
    expect(scan['ScheduleExpression']).toBe('cron(0 2,3 * * ? *)');
    expect(scan['Target']).toMatchObject({ Input: '{}' });
    expect(named((scan['Target'] as { Arn: unknown }).Arn)).toBe('NightlyScanMachine');
    const watchdog = only(running, 'AWS::Scheduler::Schedule', 'WatchdogMorningSchedule');
    expect(watchdog['ScheduleExpression']).toBe('cron(0 5 * * ? *)');
    expect(named((watchdog['Target'] as { Arn: unknown }).Arn)).toBe('WatchdogWorkflowFunction');
  });

  it('starts no scan by itself on the emulator, whose clock is UTC', () => {
    const local = runningIn(synthesized(localDeployment));
    for (const name of ['NightlyScanNightlySchedule', 'WatchdogMorningSchedule'])
      expect(only(local, 'AWS::Scheduler::Schedule', name)['State']).toBe('DISABLED');
  });
});

/** Every moment of a year at which EventBridge Scheduler fires: a time that does not exist is left out, one that comes twice fires once. */
function firings(cron: string, timeZone: string, ofTwo: 'earlier' | 'later'): Temporal.Instant[] {
  const [, minute = '', hours = ''] = /^cron\((\d+) ([\d,]+) \* \* \? \*\)$/.exec(cron) ?? [];
  const year = Array.from({ length: 365 }, (_, day) => Temporal.PlainDate.from('2026-01-01').add({ days: day }));
  return year.flatMap((date) =>
    hours.split(',').flatMap((hour) => {
      const local = date.toPlainDateTime({ hour: Number(hour), minute: Number(minute) });
      const zoned = local.toZonedDateTime(timeZone, { disambiguation: ofTwo });
      return zoned.toPlainDateTime().equals(local) ? [zoned.toInstant()] : [];
    }),
  );
}

const zones = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Beirut', 'UTC'];
const times = ['00:00', '01:30', '02:00', '02:30', '03:00', '21:00', '23:30'];
const cases = zones.flatMap((zone) =>
  times.flatMap((time) => (['earlier', 'later'] as const).map((ofTwo) => ({ zone, time, ofTwo }))),
);

describe.each(cases)('T16: in $zone with a scan at $time, of two equal times the $ofTwo', ({ zone, time, ofTwo }) => {
  it('every night of the year has its start and is checked once, after the scan has had its time', () => {
    const starts = new Map<string, Temporal.Instant>();
    for (const start of firings(scanCron(time), zone, ofTwo)) {
      const night = nightAt(start.toString(), zone);
      if (!starts.has(night)) starts.set(night, start);
    }
    expect(starts.size).toBe(365);

    const checks = firings(watchdogCron(time), zone, ofTwo);
    const checked = checks.map((at) => newestNightDue(at.toString(), zone, time, graceMilliseconds));
    expect(new Set(checked).size).toBe(365);
    for (const [place, night] of checked.entries()) {
      // The first check of the year may be of the night before it.
      const start = starts.get(night);
      const since = start && checks[place]?.since(start).total('milliseconds');
      expect(since ?? graceMilliseconds).toBeGreaterThanOrEqual(graceMilliseconds);
    }
  });
});
