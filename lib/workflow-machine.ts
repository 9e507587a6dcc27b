import { readFileSync } from 'node:fs';
import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type Deployment, removalOf, stageName } from './deployment.ts';
import { mayTrace } from './grants.ts';

export interface WorkflowMachineProps {
  /** The file under state-machines/, without its ending, and the end of the machine's name. */
  readonly name: string;
  /** Stage, retention of the log, and whether its steps are traced. */
  readonly deployment: Deployment;
  /** Encrypts the log. */
  readonly logKey: IKey;
  /** The functions it calls, by what stands for their ARN in the file. It may do nothing else, besides writing its own log. */
  readonly calls: Readonly<Record<string, IFunction>>;
}

/** A vended log is delivered by a service of its own, and AWS has no finer resource for setting that up. */
const deliverLog = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
];

/** Step Functions samples by the account's rules, which it has to read (Step Functions guide, IAM policies for X-Ray). */
const readSampling = ['xray:GetSamplingRules', 'xray:GetSamplingTargets'];

/** One of Tandem's workflows: its file, its own log, without what the steps hand each other, and its own role. */
export class WorkflowMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: WorkflowMachineProps) {
    super(scope, id);
    const { name, deployment, logKey, calls } = props;
    const arns = Object.entries(calls).map(([placeholder, { functionArn }]) => [placeholder, functionArn] as const);
    const stateMachineName = `${stageName(deployment)}-${name}`;

    const destination = new LogGroup(this, 'Log', {
      encryptionKey: logKey,
      retention: deployment.logRetention,
      removalPolicy: removalOf(deployment),
    });
    const policy = new ManagedPolicy(this, 'Policy', {
      description: `What the workflow ${name} may do`,
      statements: [
        new PolicyStatement({ sid: 'OwnLog', actions: deliverLog, resources: ['*'] }),
        new PolicyStatement({
          sid: 'Steps',
          actions: ['lambda:InvokeFunction'],
          resources: arns.map(([, arn]) => arn),
        }),
        ...mayTrace(deployment, readSampling),
      ],
    });
    const role = new Role(this, 'Role', {
      description: `The workflow ${name}`,
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnEquals: { 'aws:SourceArn': machineArn(this, deployment, name) },
        },
      }),
      managedPolicies: [policy],
    });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definitionOf(name)),
      definitionSubstitutions: Object.fromEntries(arns),
      // The CDK must not add to the role: what it may do stands in one place.
      role: role.withoutPolicyUpdates(),
      logs: { destination, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: deployment.tracing,
    });
  }
}

/** The ARN by name alone: for the rights of a function that the machine itself calls, which its own attribute would make a circle. */
export function machineArn(scope: Construct, deployment: Deployment, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: `${stageName(deployment)}-${name}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

function definitionOf(name: string): string {
  return readFileSync(new URL(`../state-machines/${name}.asl.json`, import.meta.url), 'utf8');
}
