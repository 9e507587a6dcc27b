import { Duration } from 'aws-cdk-lib';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { dueIndex } from './care-table.ts';
import type { DataStack } from './data-stack.ts';
import { mayDecide, tableEnvironment } from './deciding.ts';
import type { Deployment } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { mayQueryIndex } from './grants.ts';
import { scanCron } from './night-times.ts';
import { Schedule, startOf } from './schedule.ts';
import { WorkflowFunction } from './workflow-function.ts';
import { WorkflowMachine } from './workflow-machine.ts';

export interface NightlyScanProps {
  /** Stage, log retention, time zone, the scan's time and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** The stage's group of schedules for the scan. */
  readonly schedules: CfnScheduleGroup;
}

/** Looks every night at each patient whose risk may have changed: schedule -> workflow -> risk scan, step by step. */
export class NightlyScan extends Construct {
  readonly workflow: WorkflowFunction;
  readonly machine: WorkflowMachine;
  /** Starts that could not be made. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deployment, data, schedules }: NightlyScanProps) {
    super(scope, id);
    const { keys, careTable } = data;
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'risk-scan',
      description: 'The steps of the nightly risk scan',
      deployment,
      logKey: keys.operations,
      // A page ends half a minute before, and the workflow goes on with the next.
      timeout: Duration.minutes(5),
      memorySize: 1024,
      readsClinic: true,
      environment: {
        ...tableEnvironment(data),
      },
      mayDo: [
        ...mayDecide(data, ['dynamodb:GetItem', 'dynamodb:Query']),
        mayQueryIndex('Due', careTable.table, dueIndex),
      ],
    });
    this.machine = new WorkflowMachine(this, 'Machine', {
      name: 'nightly-risk-scan',
      deployment,
      logKey: keys.operations,
      calls: { RiskScanFunctionArn: this.workflow.function },
    });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    new Schedule(this, 'Nightly', {
      description: 'Every night the risk scan starts',
      cron: scanCron(deployment.nightlyScanAt),
      runsLocally: false,
      deployment,
      group: schedules,
      target: startOf(this.machine.machine),
      deadLetters: this.deadLetters,
      deadLettersKey: keys.messages,
    });
  }
}
