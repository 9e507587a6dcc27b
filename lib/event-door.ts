import { Duration } from 'aws-cdk-lib';
import { EventBus, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, stageName } from './deployment.ts';
import { deadLetterQueue, encryptedQueue } from './encrypted-queue.ts';

export interface EventDoorProps {
  /** Names the bus, and says whose events are let in. */
  readonly deployment: Deployment;
  /** Encrypts events on the bus and in the queues. */
  readonly key: IKey;
  /** How long a message taken from the queue stays out of sight: at least six times what its function may take. */
  readonly visibilityTimeout: Duration;
}

/** The `source` of the event that proves the door open. */
export const canarySource = 'tandem.canary';

/** Deliveries of one message to the function before it waits for a person. */
const mostDeliveries = 5;

/**
 * The way in:
 *
 *     PutEvents -> bus -> rule by source -> queue of events -> event intake
 *                           |                    '- five failed deliveries -> dead letters
 *                           '- the queue did not take it -> undelivered
 */
export class EventDoor extends Construct {
  readonly bus: EventBus;
  readonly events: Queue;
  /** Messages the function failed on five times. */
  readonly deadLetters: Queue;
  /** Events that EventBridge could not put into the queue, or could not encrypt or decrypt. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { deployment, key, visibilityTimeout }: EventDoorProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', key);
    this.undelivered = deadLetterQueue(this, 'Undelivered', key);
    this.events = encryptedQueue(this, 'Queue', key, {
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: mostDeliveries },
      // Longer than any repair of an outage should take. Dead letters keep theirs from the day they came to this queue.
      retentionPeriod: Duration.days(7),
    });

    this.bus = new EventBus(this, 'Bus', {
      eventBusName: stageName(deployment),
      description: `Events of the programme for Tandem, stage ${deployment.stage}`,
      // By its ARN, because the whole of a key's policy stands in keys.ts.
      kmsKey: Key.fromKeyArn(this, 'BusKey', key.keyArn),
      deadLetterQueue: this.undelivered,
    });
    const rule = new Rule(this, 'Rule', {
      eventBus: this.bus,
      description: 'Every event of the programme, and the canary',
      eventPattern: { source: [deployment.eventSource, canarySource] },
      targets: [toQueue(this.events, this.undelivered)],
    });
    allowSending(this.events, rule.ruleArn);
    allowSending(this.undelivered, rule.ruleArn);
    allowSending(this.undelivered, this.bus.eventBusArn);
  }
}

/** EventBridge tries for a day, then gives up; both ends of that are seen by alarms. */
function toQueue(queue: Queue, undelivered: Queue): IRuleTarget {
  return {
    bind: () => ({
      arn: queue.queueArn,
      deadLetterConfig: { arn: undelivered.queueArn },
      retryPolicy: { maximumEventAgeInSeconds: Duration.days(1).toSeconds(), maximumRetryAttempts: 185 },
    }),
  };
}

function allowSending(queue: Queue, sourceArn: string): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
    }),
  );
}
