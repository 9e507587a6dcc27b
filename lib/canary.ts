import { Aws, Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { maySend, mayUseTable } from './grants.ts';
import { invocationOf, Schedule } from './schedule.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface CanaryProps {
  /** Stage, log retention and time zone. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** The bus that is to be proven open. */
  readonly bus: EventBus;
  /** The stage's group of schedules. */
  readonly schedules: CfnScheduleGroup;
}

/**
 * Puts an event on the bus and waits until it has come through, every hour and after each deployment of this stack: PutEvents
 * answers success for a bus that does not exist, so only an arrival proves the door open.
 */
export class Canary extends Construct {
  readonly workflow: WorkflowFunction;
  /** Calls of the canary that failed or could not be made. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deployment, data, bus, schedules }: CanaryProps) {
    super(scope, id);
    const { keys, careTable } = data;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'canary',
      description: 'Proves that events put on the bus arrive',
      deployment,
      logKey: keys.operations,
      // It looks 20 times, two seconds apart.
      timeout: Duration.seconds(90),
      memorySize: 256,
      deadLetters: this.deadLetters,
      environment: { CARE_TABLE: careTable.table.tableName, BUS_NAME: bus.eventBusName },
      mayDo: [
        new PolicyStatement({ sid: 'Bus', actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
        // Its own notes only, never a patient's item.
        ...mayUseTable('CanaryNotes', careTable.table, keys.care, ['dynamodb:GetItem'], {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['canary'] },
        }),
        ...maySend('DeadLetters', this.deadLetters, keys.messages),
      ],
    });
    new Schedule(this, 'Hourly', {
      description: 'Every hour the canary proves the event door open',
      cron: 'cron(0 * * * ? *)',
      deployment,
      group: schedules,
      target: invocationOf(this.workflow.function),
      deadLetters: this.deadLetters,
      deadLettersKey: keys.messages,
    });
    this.#runAfterDeployment();
  }

  /** CloudFormation itself says when it is done. Unlike a custom resource, that needs no function that may call any other. */
  #runAfterDeployment(): void {
    new Rule(this, 'AfterDeployment', {
      description: 'After each deployment the canary proves the event door open',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: {
          'stack-id': [Aws.STACK_ID],
          'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] },
        },
      },
      targets: [new LambdaFunction(this.workflow.function, { deadLetterQueue: this.deadLetters, retryAttempts: 3 })],
    });
  }
}
