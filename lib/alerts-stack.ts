import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlertAlarms } from './alert-alarms.ts';
import { AlertSweep } from './alert-sweep.ts';
import { AlertTopics } from './alert-topics.ts';
import type { DataStack } from './data-stack.ts';
import { type Deployment, stageName } from './deployment.ts';
import { TherapistAlert } from './therapist-alert.ts';

export interface AlertsStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** Tables and keys, which outlive this stack. */
  readonly data: DataStack;
  /** Who hears of what goes wrong. */
  readonly topic: ITopic;
  /** The address of the care team's page: where an e-mail leads. */
  readonly pageUrl: string;
}

/** Alerts on their way to the staff. It holds nothing that cannot be deployed anew but who has confirmed an address. */
export class AlertsStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, data, topic, pageUrl, ...props }: AlertsStackProps) {
    super(scope, id, props);
    // CloudFormation then refuses to remove what this stack uses from the others.
    this.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');

    const schedules = new CfnScheduleGroup(this, 'AlertSchedules', { name: `${stageName(deployment)}-Alerts` });
    const staff = new AlertTopics(this, 'Staff', { deployment, key: data.keys.operations });
    const sweep = new AlertSweep(this, 'AlertSweep', { deployment, data, topic, staff, pageUrl, schedules });
    const alert = new TherapistAlert(this, 'TherapistAlert', { deployment, data, topic, staff, pageUrl });
    new AlertAlarms(this, 'Alarms', { deployment, topic, sweep, alert });

    const outputs = {
      AlertSweepFunction: sweep.workflow.function.functionName,
      AlertWorkflowFunction: alert.workflow.function.functionName,
      AlertDriverFunction: alert.driver.function.functionName,
      TherapistAlertArn: alert.machine.machine.stateMachineArn,
      StaffTopicPrefix: staff.prefix,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
