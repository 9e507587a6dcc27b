import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';
import { type Deployment, sealerRolePath } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { mayUseTable } from './grants.ts';
import { Schedule, startOf } from './schedule.ts';
import { WorkflowFunction } from './workflow-function.ts';
import { WorkflowMachine } from './workflow-machine.ts';

export interface AuditSealProps {
  /** Stage, log retention, time zone and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables, buckets and keys. */
  readonly data: DataStack;
  /** The stage's group of schedules for the audit. */
  readonly schedules: CfnScheduleGroup;
}

/** When every log begins: before the first record of any clinic, and the same for ever, because it is in the first seal. */
const logSince = '2026-01-01T00:00:00.000Z';

/**
 * Seals the audit every five minutes: schedule -> workflow -> sealer. A standard workflow, not an express one: its 288 runs a day
 * cost about half a dollar a month, and it may try again for longer than the five minutes after which an express one is cut off.
 */
export class AuditSeal extends Construct {
  readonly workflow: WorkflowFunction;
  readonly machine: WorkflowMachine;
  /** The name under which the log is signed. It can never change, so it is made of what cannot. */
  readonly origin: string;
  /** Starts that could not be made. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deployment, data, schedules }: AuditSealProps) {
    super(scope, id);
    const { keys, careTable, auditLog } = data;
    this.origin = `tandem/${Stack.of(this).account}/${deployment.region}/${deployment.stage}`;
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'audit-seal',
      description: 'Seals what the audit has grown by',
      deployment,
      rolePath: sealerRolePath(deployment),
      logKey: keys.operations,
      timeout: Duration.minutes(4),
      readsClinic: true,
      environment: {
        CARE_TABLE: careTable.table.tableName,
        LOG_BUCKET: auditLog.published.bucketName,
        STAGING_BUCKET: auditLog.staging.bucketName,
        SIGNING_KEY_ARN: keys.signing.keyArn,
        LOG_ORIGIN: this.origin,
        LOG_SINCE: logSince,
      },
      mayDo: [...this.#mayUseNotes(data), ...this.#mayPublish(data), this.#maySign(data)],
    });
    this.machine = new WorkflowMachine(this, 'Machine', {
      name: 'audit-seal',
      deployment,
      logKey: keys.operations,
      calls: { AuditSealFunctionArn: this.workflow.function },
    });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    new Schedule(this, 'EveryFiveMinutes', {
      description: 'Every five minutes the audit is sealed',
      // A rate: a cron expression of the clinic's clock would leave out an hour when the clocks go back.
      cron: 'rate(5 minutes)',
      runsLocally: false,
      deployment,
      group: schedules,
      target: startOf(this.machine.machine),
      deadLetters: this.deadLetters,
      deadLettersKey: keys.messages,
    });
  }

  /** How far each chain has grown, how far it is sealed, and the newest seal: never a patient's item, never a record. */
  #mayUseNotes({ keys, careTable: { table } }: DataStack): PolicyStatement[] {
    const on = (sid: string, action: string, ...partitions: string[]) =>
      new PolicyStatement({ sid, actions: [action], resources: [table.tableArn], conditions: under(...partitions) });
    return [
      ...mayUseTable('NewestSeal', table, keys.care, ['dynamodb:GetItem', 'dynamodb:PutItem'], under('log')),
      on('Grown', 'dynamodb:Query', 'unsealed#*'),
      on('NoLongerGrown', 'dynamodb:DeleteItem', 'unsealed#*'),
      on('SealedSoFar', 'dynamodb:BatchGetItem', 'sealed#*'),
      on('SealedFurther', 'dynamodb:PutItem', 'sealed#*'),
    ];
  }

  #mayPublish({ auditLog: { published, staging } }: DataStack): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'Publish',
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [published.arnForObjects('*')],
      }),
      new PolicyStatement({
        sid: 'Stage',
        actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
        resources: [staging.arnForObjects('*')],
      }),
      // Without it S3 answers for what is not there as for what may not be read.
      new PolicyStatement({
        sid: 'SeeWhatIsThere',
        actions: ['s3:ListBucket'],
        resources: [published.bucketArn, staging.bucketArn],
      }),
    ];
  }

  #maySign({ keys }: DataStack): PolicyStatement {
    return new PolicyStatement({
      sid: 'Sign',
      actions: ['kms:GetPublicKey', 'kms:Sign'],
      resources: [keys.signing.keyArn],
    });
  }
}

/** Holds for items of these partitions only; `*` stands for any text. */
function under(...partitions: string[]) {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions } };
}
