import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { AlertSweep } from './alert-sweep.ts';

export interface AlertAlarmsProps extends AlarmsProps {
  readonly sweep: AlertSweep;
}

/** What needs a person about alerts on their way to the staff. */
export class AlertAlarms extends Alarms {
  constructor(scope: Construct, id: string, { sweep, ...props }: AlertAlarmsProps) {
    super(scope, id, props);
    this.add('alert-dispatch-failed', {
      metric: this.counted('AlertDispatchFailed'),
      meaning: 'An alert could not be read or sent. Its person may not know of it.',
      remedy: 'See npx tandem alerts list and tell the person yourself, then find the error in the log of alert-sweep.',
    });
    this.add('alert-undeliverable', {
      metric: this.counted('AlertUndeliverable'),
      meaning:
        'A message of an alert found nobody, because its person has no confirmed address. The next person was asked.',
      remedy: 'See npx tandem staff list, then have the address confirmed.',
    });
    this.add('alert-sweep-errors', {
      metric: sweep.workflow.function.metricErrors({ period: often }),
      meaning: 'The sweep of alerts failed as a whole. Alerts may not be going out.',
      remedy: 'See npx tandem alerts list and tell people yourself, then find the error in the log of alert-sweep.',
    });
    this.add('alert-sweep-silent', {
      metric: sweep.workflow.function.metricInvocations({ period: often }),
      whenAbsent: true,
      meaning: 'For five minutes nobody has looked for alerts that are due. Alerts are not going out.',
      remedy: 'Check the schedule EveryMinute of the sweep and its role; invoke alert-sweep by hand meanwhile.',
    });
    this.add('alert-sweep-dead-letters', {
      metric: this.lyingIn(sweep.deadLetters),
      meaning: 'A call of the sweep of alerts failed or could not be made.',
      remedy: 'See alert-sweep-errors; once it runs again, purge the queue.',
    });
    this.add('staff-without-mail', {
      metric: this.counted('StaffWithoutMail').with({ period: Duration.hours(1) }),
      meaning:
        'No e-mail reaches somebody on the staff list: the address was never confirmed, or its subscription is gone.',
      remedy: 'See npx tandem staff list, then have the address confirmed.',
    });
  }
}
