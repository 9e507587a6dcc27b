import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { ReminderRound } from './reminder-round.ts';

export interface ReminderAlarmsProps extends AlarmsProps {
  readonly round: ReminderRound;
}

/** How often a round starts. */
const eachRound = Duration.minutes(15);

/** The part of the monthly limit at which somebody still has time to have it raised. A default, not evidence. */
const spentTooMuch = 0.8;

/** What needs a person about reminders to patients. */
export class ReminderAlarms extends Alarms {
  constructor(scope: Construct, id: string, { round, ...props }: ReminderAlarmsProps) {
    super(scope, id, props);
    const { machine } = round.machine;
    const { smsMonthlyLimitUsd } = props.deployment;

    this.add('reminder-round-failed', {
      metric: machine.metricFailed({ period: often }),
      meaning: 'A round of reminders failed, or left some patients to the next one.',
      remedy: 'See whether the next rounds do better, else find the error in the log of reminder-round.',
    });
    this.add('reminder-round-timed-out', {
      metric: machine.metricTimedOut({ period: often }),
      meaning: 'A round of reminders was not done when the next one began.',
      remedy: 'See how many reminders are due, and whether sending.perSecond of clinic.yaml lets them out.',
    });
    this.add('reminder-round-silent', {
      metric: machine.metricStarted({ period: eachRound }),
      periods: 3,
      whenAbsent: true,
      meaning: 'For 45 minutes no round of reminders has begun. Patients are not reminded.',
      remedy: 'Check the schedule EveryQuarterOfAnHour and its role; start a round by hand meanwhile.',
    });
    this.add('reminder-round-dead-letters', {
      metric: this.lyingIn(round.deadLetters),
      meaning: 'A round of reminders could not be started.',
      remedy: 'Check the schedule and its role; once rounds run again, purge the queue.',
    });
    this.add('reminders-unknown', {
      metric: this.counted('ReminderUnknown'),
      meaning: 'A round broke off between sending a reminder and noting it. Nobody knows whether that patient got it.',
      remedy: 'Nothing is sent again: find out why the round broke off.',
    });
    this.add('reminders-undecided', {
      metric: this.counted('ReminderPatientFailed'),
      meaning: 'The reminders of a patient could not be decided on or noted. Every round says so again.',
      remedy: 'Find the patient’s id and the error in the log of reminder-round.',
    });
    this.add('reminder-channel-busy', {
      metric: this.counted('ReminderBusy').with({ period: eachRound }),
      periods: 2,
      meaning: 'For two rounds SNS has refused reminders: too many at once, or a right is missing.',
      remedy: 'Lower sending.perSecond of clinic.yaml, or deploy again to bring the right back.',
    });
    this.add('reminder-trial-ended', {
      metric: this.counted('ReminderTrialStopped'),
      meaning:
        'The clinic’s trial of its reminders has its answer and has ended by itself. Nothing is held back any more.',
      remedy:
        'Read npx tandem trial report, decide what reminders should do, and switch the trial off in programme.yaml.',
    });
    this.add('reminder-trial-unweighed', {
      metric: this.counted('ReminderTrialUnweighed'),
      meaning: 'Last night the trial of reminders was not weighed. It goes on, and would not end by itself.',
      remedy: 'Read the error in the log of reminder-round; weigh it by hand with npx tandem trial report.',
    });
    this.add('sms-spend', {
      metric: new Metric({
        namespace: 'AWS/SNS',
        metricName: 'SMSMonthToDateSpentUSD',
        statistic: Stats.MAXIMUM,
        period: Duration.hours(1),
      }),
      from: Math.round(smsMonthlyLimitUsd * spentTooMuch * 100) / 100,
      meaning:
        'Four fifths of what the account may spend on SMS this month are spent. Beyond the limit SNS drops SMS and says nothing.',
      remedy: 'Have AWS raise the limit, then write it into sending.sms.monthlyLimitUsd of clinic.yaml and deploy.',
    });
    this.add('zone-data-old', {
      metric: this.counted('ZoneDataFault'),
      meaning: 'The time zones that this run time knows are older than Tandem’s. Reminders may go out at a wrong hour.',
      remedy: 'Read what is wrong in the log of reminder-round, then deploy with a newer Node.js.',
    });
  }
}
