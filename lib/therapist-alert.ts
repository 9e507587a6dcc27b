import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alertKeyPrefix } from '../functions/adapters/dynamodb/alert-index.ts';
import { type AlertTopics, mayWriteToStaff } from './alert-topics.ts';
import type { DataStack } from './data-stack.ts';
import { type Deployment, isLocal } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { mayFollowStream, maySend, mayUseTable, streamOf } from './grants.ts';
import { WorkflowFunction } from './workflow-function.ts';
import { machineArn, WorkflowMachine } from './workflow-machine.ts';

export interface TherapistAlertProps {
  /** Stage, log retention and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** Where it tells the clinic's operators. */
  readonly topic: ITopic;
  /** Where it writes to the staff. */
  readonly staff: AlertTopics;
  /** Where an e-mail leads. */
  readonly pageUrl: string;
}

const machineName = 'therapist-alert';

/**
 * Leads each alert from person to person: care table's stream -> driver -> one execution for each alert -> its steps. The
 * alert's item is what counts: an execution that is lost costs one sweep.
 */
export class TherapistAlert extends Construct {
  /** The steps. */
  readonly workflow: WorkflowFunction;
  readonly machine: WorkflowMachine;
  /** Starts executions, and wakes them when their alert has changed. */
  readonly driver: WorkflowFunction;
  /** Changes of alerts that could not be taken on. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deployment, data, topic, staff, pageUrl }: TherapistAlertProps) {
    super(scope, id);
    const { keys, careTable, auditTable } = data;
    const ALERT_MACHINE_ARN = machineArn(this, deployment, machineName);
    const ofTables = {
      CARE_TABLE: careTable.table.tableName,
      CARE_KEY_ARN: keys.care.keyArn,
      AUDIT_KEY_ARN: keys.audit.keyArn,
    };
    const mayReadKeys = new PolicyStatement({
      sid: 'PatientKeys',
      actions: ['kms:Decrypt'],
      resources: [keys.care.keyArn],
    });
    const mayOnMachine = (sid: string, action: string) =>
      new PolicyStatement({ sid, actions: [action], resources: [ALERT_MACHINE_ARN] });

    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'alert-workflow',
      description: 'The steps of an alert from person to person',
      deployment,
      logKey: keys.operations,
      // Before its claim runs out, as with the sweep.
      timeout: Duration.seconds(50),
      readsClinic: true,
      environment: {
        ...ofTables,
        AUDIT_TABLE: auditTable.table.tableName,
        OPERATIONS_TOPIC_ARN: topic.topicArn,
        STAFF_TOPIC_PREFIX: staff.prefix,
        PAGE_URL: pageUrl,
        ALERT_MACHINE_ARN,
      },
      mayDo: [
        ...mayUseTable('Care', careTable.table, keys.care, ['dynamodb:GetItem', 'dynamodb:PutItem']),
        ...mayUseTable('Audit', auditTable.table, keys.audit, ['dynamodb:PutItem']),
        mayReadKeys,
        ...mayWriteToStaff(staff.prefix, topic, keys.operations),
        mayOnMachine('OwnWait', 'states:SendTaskSuccess'),
      ],
    });
    this.machine = new WorkflowMachine(this, 'Machine', {
      name: machineName,
      deployment,
      logKey: keys.operations,
      calls: { AlertWorkflowFunctionArn: this.workflow.function },
    });

    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    this.driver = new WorkflowFunction(this, 'Driver', {
      name: 'alert-driver',
      description: 'Starts the workflow of each alert, and wakes it when its alert has changed',
      deployment,
      logKey: keys.operations,
      timeout: Duration.seconds(30),
      environment: { ...ofTables, ALERT_MACHINE_ARN },
      mayDo: [
        mayFollowStream('Changes', careTable.table),
        ...mayUseTable('Care', careTable.table, keys.care, ['dynamodb:GetItem']),
        mayReadKeys,
        mayOnMachine('Start', 'states:StartExecution'),
        mayOnMachine('Wake', 'states:SendTaskSuccess'),
        ...maySend('DeadLetters', this.deadLetters, keys.messages),
      ],
    });
    this.driver.function.addEventSourceMapping('Changes', {
      eventSourceArn: streamOf(careTable.table),
      // Old changes told again do nothing, and none is missed while the mapping is made anew.
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [FilterCriteria.filter({ dynamodb: { Keys: { sk: { S: FilterRule.beginsWith(alertKeyPrefix) } } } })],
      batchSize: 10,
      // One that fails must not keep the others back for long: the sweep has its alert.
      retryAttempts: 3,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      onFailure: new SqsDlq(this.deadLetters),
      // On the emulator a test says when.
      enabled: !isLocal(deployment),
    });
  }
}
