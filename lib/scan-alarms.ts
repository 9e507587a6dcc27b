import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { NightlyScan } from './nightly-scan.ts';
import type { ScanWatchdog } from './scan-watchdog.ts';

export interface ScanAlarmsProps extends AlarmsProps {
  readonly scan: NightlyScan;
  readonly watchdog: ScanWatchdog;
}

/** What needs a person about the nightly scan, and about whoever watches it. */
export class ScanAlarms extends Alarms {
  constructor(scope: Construct, id: string, { scan, watchdog, ...props }: ScanAlarmsProps) {
    super(scope, id, props);
    const { machine } = scan.machine;

    this.add('nightly-scan-failed', {
      metric: machine.metricFailed({ period: often }),
      meaning: 'The nightly scan failed, or missed patients who were due.',
      remedy: 'Start it again: it looks only at those who are left.',
    });
    this.add('nightly-scan-timed-out', {
      metric: machine.metricTimedOut({ period: often }),
      meaning: 'The nightly scan was stopped because it took too long.',
      remedy: 'Start it again: it looks only at those who are left.',
    });
    this.add('nightly-scan-late', {
      metric: this.counted('NightLate'),
      meaning: 'The nightly scan ended after 06:00. Morning lists came late.',
      remedy: 'See when it started and how many patients were due.',
    });
    this.add('nightly-scan-dead-letters', {
      metric: this.lyingIn(scan.deadLetters),
      meaning: 'The nightly scan could not be started.',
      remedy: 'Start it by hand, then check the schedule and its role.',
    });
    this.add('patients-set-aside', {
      metric: this.counted('PatientSetAside'),
      meaning: 'The nightly scan could not read or decide on a patient. Nobody works out this patient’s risk.',
      remedy: 'Find out whom, tell the therapist, then mend the record.',
    });
    this.add('night-unaccounted', {
      metric: this.counted('NightUnaccounted'),
      meaning: 'The watchdog found that last night’s scan did not account for everybody.',
      remedy: 'Read its e-mail or log, then start the scan again.',
    });
    this.add('scan-watchdog-errors', {
      metric: watchdog.workflow.function.metricErrors({ period: often }),
      meaning: 'The watchdog failed. Nobody has checked last night’s scan.',
      remedy: 'Check the scan by hand, then find the error in the log of scan-watchdog.',
    });
    this.add('scan-watchdog-silent', {
      metric: watchdog.workflow.function.metricInvocations({ period: Duration.hours(1) }),
      // A day, the hour by which a change of the clocks makes it longer, and one more.
      periods: 26,
      whenAbsent: true,
      meaning: 'Nobody has checked the nightly scan for more than a day.',
      remedy: 'Check the scan by hand, then the schedule Morning of the watchdog and its role.',
    });
    this.add('scan-watchdog-dead-letters', {
      metric: this.lyingIn(watchdog.deadLetters),
      meaning: 'A call of the watchdog failed or could not be made.',
      remedy: 'See scan-watchdog-errors; once it runs again, purge the queue.',
    });
  }
}
