import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { AlertSweep } from './alert-sweep.ts';
import type { TherapistAlert } from './therapist-alert.ts';

export interface AlertAlarmsProps extends AlarmsProps {
  readonly sweep: AlertSweep;
  readonly alert: TherapistAlert;
}

/** What needs a person about alerts on their way to the staff. */
export class AlertAlarms extends Alarms {
  constructor(scope: Construct, id: string, { sweep, alert, ...props }: AlertAlarmsProps) {
    super(scope, id, props);
    this.add('alert-dispatch-failed', {
      metric: this.counted('AlertDispatchFailed'),
      meaning: 'An alert could not be read or sent. Its person may not know of it.',
      remedy: 'See npx tandem alerts list and tell the person yourself, then find the error in the log of alert-sweep.',
    });
    this.add('urgent-alert-late', {
      metric: this.measured('UrgentAlertDelay'),
      from: 61,
      meaning: 'The first e-mail of an urgent alert left more than a minute after the alert was opened or raised.',
      remedy:
        'See whether an alarm of alert-driver or alert-workflow sounds; otherwise find that minute in their logs.',
    });
    this.add('alert-undeliverable', {
      metric: this.counted('AlertUndeliverable'),
      meaning:
        'A message of an alert found nobody, because its person has no confirmed address. The next person was asked.',
      remedy: 'See npx tandem staff list, then have the address confirmed.',
    });
    this.add('morning-list-failed', {
      metric: this.counted('MorningListFailed'),
      meaning: 'A morning list, or an alert for one, could not be read or sent. It is tried again an hour later, once.',
      remedy:
        'Where it sounds an hour later too, see npx tandem alerts list and tell the people yourself, then find the error in ' +
        'the log of alert-sweep.',
    });
    this.add('alert-sweep-errors', {
      metric: sweep.workflow.function.metricErrors({ period: often }),
      meaning: 'The sweep of alerts failed as a whole. Alerts may not be going out.',
      remedy: 'See npx tandem alerts list and tell people yourself, then find the error in the log of alert-sweep.',
    });
    this.add('alert-sweep-silent', {
      // Three sweeps: exactly five minutes would miss one that comes a second late.
      metric: sweep.workflow.function.metricInvocations({ period: Duration.minutes(15) }),
      whenAbsent: true,
      meaning:
        'For fifteen minutes no sweep has looked for alerts that are due. One without its workflow is not going out.',
      remedy: 'Check the schedule EveryFiveMinutes of the sweep and its role; invoke alert-sweep by hand meanwhile.',
    });
    this.add('alert-sweep-dead-letters', {
      metric: this.lyingIn(sweep.deadLetters),
      meaning: 'A call of the sweep of alerts failed or could not be made.',
      remedy: 'See alert-sweep-errors; once it runs again, purge the queue.',
    });
    this.add('alert-workflow-failed', {
      metric: alert.machine.machine.metricFailed({ period: often }),
      meaning: 'The workflow of an alert gave up. Only the sweep, every five minutes, drives that alert from now on.',
      remedy:
        'Find the error in the log of alert-workflow. Where alert-dispatch-failed sounds too, do what it says first.',
    });
    this.add('alert-workflow-errors', {
      metric: alert.workflow.function.metricErrors({ period: often }),
      from: 5,
      meaning: 'The steps of the workflows of alerts fail again and again. E-mails may be late.',
      remedy: 'Find the error in the log of alert-workflow; the sweep goes on meanwhile.',
    });
    this.add('alert-driver-late', {
      metric: alert.driver.function.metric('IteratorAge', { period: often, statistic: Stats.MAXIMUM }),
      from: Duration.minutes(2).toMilliseconds(),
      meaning:
        'Changes of alerts wait to be taken up. An urgent e-mail may leave minutes late, and no later than the sweep.',
      remedy: 'Find the error in the log of alert-driver.',
    });
    this.add('alert-driver-dead-letters', {
      metric: this.lyingIn(alert.deadLetters),
      meaning: 'A change of an alert could not be taken up, so its workflow was not started or not woken.',
      remedy: 'See npx tandem alerts list; the sweep drives the alert. Find the error in the log of alert-driver.',
    });
    this.add('staff-without-mail', {
      metric: this.counted('StaffWithoutMail').with({ period: Duration.hours(1) }),
      meaning:
        'No e-mail reaches somebody on the staff list: the address was never confirmed, or its subscription is gone.',
      remedy: 'See npx tandem staff list, then have the address confirmed.',
    });
  }
}
