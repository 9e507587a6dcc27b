import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, stageName } from './deployment.ts';
import { serviceName } from './workflow-function.ts';

export interface AlarmsProps {
  /** Names the alarms, and whose metrics they watch. */
  readonly deployment: Deployment;
  /** Who hears of them. */
  readonly topic: ITopic;
}

export interface Watch {
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

/** How often most alarms look. */
export const often = Duration.minutes(5);

/** One alarm for each thing that needs a person. Each says what to do and where to read on. */
export class Alarms extends Construct {
  readonly #deployment: Deployment;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { deployment, topic }: AlarmsProps) {
    super(scope, id);
    this.#deployment = deployment;
    this.#topic = topic;
  }

  /** A count that the functions write themselves. */
  protected counted(metricName: string): Metric {
    return new Metric({
      namespace: 'Tandem',
      metricName,
      dimensionsMap: { service: serviceName(this.#deployment) },
      statistic: Stats.SUM,
      period: often,
    });
  }

  /** The longest of the times that the functions measure themselves, in seconds. */
  protected measured(metricName: string): Metric {
    return this.counted(metricName).with({ statistic: Stats.MAXIMUM });
  }

  /** How many messages lie in a queue. */
  protected lyingIn(queue: IQueue): Metric {
    return queue.metricApproximateNumberOfMessagesVisible({ period: often, statistic: Stats.MAXIMUM });
  }

  protected add(id: string, { metric, meaning, remedy, from = 1, periods = 1, whenAbsent = false }: Watch): void {
    const alarm = new Alarm(this, id, {
      alarmName: `${stageName(this.#deployment)}-${id}`,
      alarmDescription: `${meaning} ${remedy} More: docs/operations.md#${id}`,
      metric,
      threshold: from,
      evaluationPeriods: periods,
      comparisonOperator: whenAbsent
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: whenAbsent ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
  }
}
