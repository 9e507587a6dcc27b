import { Aws } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, type CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type Deployment, isLocal } from './deployment.ts';
import { maySend } from './grants.ts';

/** What a schedule calls, and the one right that takes. */
export interface ScheduleTarget {
  readonly arn: string;
  readonly action: 'lambda:InvokeFunction' | 'states:StartExecution';
  /** What it is given. Default: what EventBridge Scheduler says of the call. */
  readonly input?: string;
}

export interface ScheduleProps {
  /** What happens then, for the console's list of schedules. */
  readonly description: string;
  /** A cron expression on the clinic's clock, such as `cron(0 2 * * ? *)`; or a rate such as `rate(5 minutes)`, which no clock changes. */
  readonly cron: string;
  /** The clinic's time zone. */
  readonly deployment: Deployment;
  /** The stage's group of schedules. */
  readonly group: CfnScheduleGroup;
  readonly target: ScheduleTarget;
  /** Where a call that could not be made waits for a person. */
  readonly deadLetters: IQueue;
  /** The key of that queue. */
  readonly deadLettersKey: IKey;
  /** Whether it runs on the emulator too, whose clock is UTC. Default: yes. */
  readonly runsLocally?: boolean;
}

export function invocationOf(target: IFunction): ScheduleTarget {
  return { arn: target.functionArn, action: 'lambda:InvokeFunction' };
}

export function startOf(machine: IStateMachine): ScheduleTarget {
  return { arn: machine.stateMachineArn, action: 'states:StartExecution', input: '{}' };
}

/**
 * Calls a function or starts a workflow by the clinic's clock. EventBridge Scheduler, and never a rule's schedule: those know UTC only, and would
 * be an hour off for half of the year.
 */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    const { description, cron, deployment, group, target, deadLetters, deadLettersKey, runsLocally = true } = props;
    const policy = new ManagedPolicy(this, 'Policy', {
      description: `What the schedule may do: ${description}`,
      statements: [
        new PolicyStatement({ sid: 'Call', actions: [target.action], resources: [target.arn] }),
        ...maySend('DeadLetters', deadLetters, deadLettersKey),
      ],
    });
    const role = new Role(this, 'Role', {
      description: `The schedule: ${description}`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': group.attrArn } },
      }),
      managedPolicies: [policy],
    });
    new CfnSchedule(this, 'Schedule', {
      description,
      groupName: group.ref,
      scheduleExpression: cron,
      scheduleExpressionTimezone: deployment.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      state: isLocal(deployment) && !runsLocally ? 'DISABLED' : 'ENABLED',
      target: {
        arn: target.arn,
        ...(target.input === undefined ? {} : { input: target.input }),
        roleArn: role.roleArn,
        deadLetterConfig: { arn: deadLetters.queueArn },
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
      },
    });
  }
}
