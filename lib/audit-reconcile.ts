import { Duration } from 'aws-cdk-lib';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { dueIndex } from './care-table.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { mayPublish, mayQueryIndex, maySend, mayUseTable } from './grants.ts';
import { watchdogCron } from './night-times.ts';
import { invocationOf, Schedule } from './schedule.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface AuditReconcileProps {
  /** Stage, log retention, time zone, the scan's time and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** Where it tells the clinic's operators. */
  readonly topic: ITopic;
  /** The stage's group of schedules for the audit. */
  readonly schedules: CfnScheduleGroup;
}

/**
 * Compares every state with its audit records, once a day after the night. A chain proves that nothing was taken out; that
 * everything was written, only this comparison can show.
 */
export class AuditReconcile extends Construct {
  readonly workflow: WorkflowFunction;
  /** Calls that failed or could not be made. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deployment, data, topic, schedules }: AuditReconcileProps) {
    super(scope, id);
    const { keys, careTable, auditTable } = data;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'audit-reconcile',
      description: 'Shows that every change has its audit record, and every audit record its change',
      deployment,
      logKey: keys.operations,
      timeout: Duration.minutes(15),
      readsClinic: true,
      deadLetters: this.deadLetters,
      environment: {
        CARE_TABLE: careTable.table.tableName,
        AUDIT_TABLE: auditTable.table.tableName,
        OPERATIONS_TOPIC_ARN: topic.topicArn,
      },
      // Reads versions, numbers and hashes. What the items hold is encrypted under keys that it may not use.
      mayDo: [
        ...mayUseTable('Care', careTable.table, keys.care, ['dynamodb:GetItem']),
        mayQueryIndex('Due', careTable.table, dueIndex),
        ...mayUseTable('Audit', auditTable.table, keys.audit, ['dynamodb:Query']),
        ...mayPublish('Operators', topic, keys.operations),
        ...maySend('DeadLetters', this.deadLetters, keys.messages),
      ],
    });
    new Schedule(this, 'Morning', {
      description: 'Every morning states are compared with their audit records',
      cron: watchdogCron(deployment.nightlyScanAt),
      runsLocally: false,
      deployment,
      group: schedules,
      target: invocationOf(this.workflow.function),
      deadLetters: this.deadLetters,
      deadLettersKey: keys.messages,
    });
  }
}
