import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Canary } from './canary.ts';
import { type Deployment, stageName } from './deployment.ts';
import type { EventDoor } from './event-door.ts';
import type { EventIntake } from './event-intake.ts';
import { serviceName } from './workflow-function.ts';

export interface AlarmsProps {
  /** Names the alarms, and whose metrics they watch. */
  readonly deployment: Deployment;
  /** Who hears of them. */
  readonly topic: ITopic;
  readonly door: EventDoor;
  readonly intake: EventIntake;
  readonly canary: Canary;
}

interface Watch {
  readonly metric: IMetric;
  /** What has happened, for a person who reads only this. */
  readonly meaning: string;
  /** What to do first. */
  readonly remedy: string;
  /** The value from which on it sounds. Default: 1. */
  readonly from?: number;
  /** Periods in a row that must be beyond it. Default: 1. */
  readonly periods?: number;
  /** Sounds below the value, and where nothing at all was measured. Default: no. */
  readonly whenAbsent?: boolean;
}

const often = Duration.minutes(5);

/** One alarm for each thing that needs a person. Each says what to do and where to read on. */
export class Alarms extends Construct {
  readonly #props: AlarmsProps;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#props = props;
    const { door, intake, canary } = props;

    this.#add('events-dead-letters', {
      metric: door.deadLetters.metricApproximateNumberOfMessagesVisible({ period: often, statistic: Stats.MAXIMUM }),
      meaning: 'An event failed five times. It is kept, without its effect.',
      remedy: 'Find the error in the log of event-intake, mend the cause, then redrive the queue.',
    });
    this.#add('events-undelivered', {
      metric: door.undelivered.metricApproximateNumberOfMessagesVisible({ period: often, statistic: Stats.MAXIMUM }),
      meaning: 'EventBridge could not hand an event to the queue. It is kept, without its effect.',
      remedy: 'Check the policies of the queue and of the messages key, then send what waits again.',
    });
    this.#add('events-set-aside', {
      metric: this.#counted('EventSetAside'),
      meaning: 'An event was refused. It is kept encrypted with the reason.',
      remedy: 'Read the reason, have the sender mend it, then send it again.',
    });
    this.#add('questionnaires-unreadable', {
      metric: this.#counted('QuestionnaireUnreadable'),
      meaning: 'A questionnaire could not be scored. A person should read the answers today.',
      remedy: 'Tell the therapist, then see which form or measure is missing in the clinic folder.',
    });
    this.#add('event-intake-errors', {
      metric: intake.workflow.function.metricErrors({ period: often }),
      meaning: 'The event intake failed as a whole. Its events go back to the queue.',
      remedy: 'Find the error in its log; a wrong configuration shows at the start.',
    });
    this.#add('event-intake-throttles', {
      metric: intake.workflow.function.metricThrottles({ period: often }),
      meaning: 'Lambda refused to start the event intake. Events wait.',
      remedy: 'See what uses up the concurrency of the account, or ask AWS for more.',
    });
    this.#add('events-waiting', {
      metric: door.events.metricApproximateAgeOfOldestMessage({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      from: 301,
      meaning: 'An event has waited for more than five minutes.',
      remedy: 'See whether the event intake runs, and whether one message comes back again and again.',
    });
    this.#add('canary-errors', {
      metric: canary.workflow.function.metricErrors({ period: often }),
      meaning: 'An event put on the bus did not arrive. Events may be getting lost at this moment.',
      remedy: 'Follow bus, rule, queue and event intake in this order.',
    });
    this.#add('canary-silent', {
      metric: canary.workflow.function.metricInvocations({ period: Duration.hours(1) }),
      periods: 2,
      whenAbsent: true,
      meaning: 'For two hours nobody has proven that events arrive.',
      remedy: 'Check the schedule Hourly of the canary and its role.',
    });
    this.#add('canary-dead-letters', {
      metric: canary.deadLetters.metricApproximateNumberOfMessagesVisible({ period: often, statistic: Stats.MAXIMUM }),
      meaning: 'A call of the canary failed or could not be made.',
      remedy: 'See canary-errors; once the door is open, purge the queue.',
    });
  }

  /** A count that the functions write themselves. */
  #counted(metricName: string): Metric {
    return new Metric({
      namespace: 'Tandem',
      metricName,
      dimensionsMap: { service: serviceName(this.#props.deployment) },
      statistic: Stats.SUM,
      period: often,
    });
  }

  #add(id: string, { metric, meaning, remedy, from = 1, periods = 1, whenAbsent = false }: Watch): void {
    const alarm = new Alarm(this, id, {
      alarmName: `${stageName(this.#props.deployment)}-${id}`,
      alarmDescription: `${meaning} ${remedy} More: docs/operations.md#${id}`,
      metric,
      threshold: from,
      evaluationPeriods: periods,
      comparisonOperator: whenAbsent
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: whenAbsent ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#props.topic));
  }
}
