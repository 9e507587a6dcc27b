import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AuditAlarms } from './audit-alarms.ts';
import { AuditExportRole } from './audit-export-role.ts';
import { AuditReconcile } from './audit-reconcile.ts';
import { AuditSeal } from './audit-seal.ts';
import type { DataStack } from './data-stack.ts';
import { type Deployment, stageName } from './deployment.ts';

export interface AuditStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** Tables, buckets and keys, which outlive this stack. */
  readonly data: DataStack;
  /** Who hears of what goes wrong. */
  readonly topic: ITopic;
}

/** The sealing of the audit, its comparison with the states, and the role that reads it. It holds nothing that cannot be deployed anew: log and key are in the stack of data. */
export class AuditStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, data, topic, ...props }: AuditStackProps) {
    super(scope, id, props);
    // CloudFormation then refuses to remove what this stack uses from the others.
    this.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');

    const schedules = new CfnScheduleGroup(this, 'AuditSchedules', { name: `${stageName(deployment)}-Audit` });
    const seal = new AuditSeal(this, 'Seal', { deployment, data, schedules });
    const reconcile = new AuditReconcile(this, 'Reconcile', { deployment, data, topic, schedules });
    new AuditAlarms(this, 'Alarms', { deployment, topic, seal, reconcile });
    const { role: exporting } = new AuditExportRole(this, 'Export', { deployment, data });

    const outputs = {
      AuditSealArn: seal.machine.machine.stateMachineArn,
      AuditSealFunction: seal.workflow.function.functionName,
      AuditReconcileFunction: reconcile.workflow.function.functionName,
      LogOrigin: seal.origin,
      AuditExportRoleArn: exporting.roleArn,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
