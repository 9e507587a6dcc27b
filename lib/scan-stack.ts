import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';
import { type Deployment, stageName } from './deployment.ts';
import { NightlyScan } from './nightly-scan.ts';
import { ScanAlarms } from './scan-alarms.ts';
import { ScanWatchdog } from './scan-watchdog.ts';

export interface ScanStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** Tables and keys, which outlive this stack. */
  readonly data: DataStack;
  /** Who hears of what goes wrong. */
  readonly topic: ITopic;
}

/** The nightly risk scan and its watchdog. It holds nothing that cannot be deployed anew. */
export class ScanStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, data, topic, ...props }: ScanStackProps) {
    super(scope, id, props);
    // CloudFormation then refuses to remove what this stack uses from the others.
    this.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');

    const schedules = new CfnScheduleGroup(this, 'ScanSchedules', { name: `${stageName(deployment)}-Scan` });
    const scan = new NightlyScan(this, 'NightlyScan', { deployment, data, schedules });
    const watchdog = new ScanWatchdog(this, 'Watchdog', { deployment, data, topic, schedules });
    new ScanAlarms(this, 'Alarms', { deployment, topic, scan, watchdog });

    const outputs = {
      NightlyRiskScanArn: scan.machine.machine.stateMachineArn,
      RiskScanFunction: scan.workflow.function.functionName,
      ScanWatchdogFunction: watchdog.workflow.function.functionName,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
