import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';
import { type Deployment, stageName } from './deployment.ts';
import { ReminderAlarms } from './reminder-alarms.ts';
import { ReminderRound } from './reminder-round.ts';

export interface RemindersStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** Tables and keys, which outlive this stack. */
  readonly data: DataStack;
  /** Who hears of what goes wrong. */
  readonly topic: ITopic;
}

/**
 * Reminders on their way to patients. It holds nothing that cannot be deployed anew. The topics of patients, and who has confirmed
 * an address, are no part of it: they are made when first needed, and stay when it goes.
 */
export class RemindersStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, data, topic, ...props }: RemindersStackProps) {
    super(scope, id, props);
    // CloudFormation then refuses to remove what this stack uses from the others.
    this.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');

    const schedules = new CfnScheduleGroup(this, 'ReminderSchedules', { name: `${stageName(deployment)}-Reminders` });
    const round = new ReminderRound(this, 'ReminderRound', { deployment, data, schedules });
    new ReminderAlarms(this, 'Alarms', { deployment, topic, round });

    const outputs = {
      ReminderRoundArn: round.machine.machine.stateMachineArn,
      ReminderRoundFunction: round.workflow.function.functionName,
      PatientTopicPrefix: round.topicPrefix,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
