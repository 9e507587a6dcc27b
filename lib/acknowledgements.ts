import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A finding of cdk-nag that stays, on exactly one resource, and why it may. */
export interface Acknowledgement {
  /** As cdk-nag names it, its pack first. */
  readonly rule: string;
  /** From the stack's part of its name, such as Events, to the resource. */
  readonly path: string;
  /** For the clinic's security officer: what takes the place of what the rule asks for. */
  readonly reason: string;
}

const functions = [
  'Events/Intake/Workflow/Function/Resource',
  'Events/Canary/Workflow/Function/Resource',
  'Scan/NightlyScan/Workflow/Function/Resource',
  'Scan/Watchdog/Workflow/Function/Resource',
];

/** Everything acknowledged. The stack of data has no finding. */
export const acknowledgements: readonly Acknowledgement[] = [
  ...functions.map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaInsideVPC',
    path,
    reason:
      'The function calls DynamoDB, KMS, EventBridge and SNS only, over TLS, and each of its calls is signed by a role that may do ' +
      'what it needs and nothing else. There is nothing inside a network for it to reach, and nothing can reach it: it has no ' +
      'address. A VPC would add endpoints to operate and pay for, and no boundary that the role does not draw already.',
  })),
  ...functions.map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaConcurrency',
    path,
    reason:
      'What starts the function bounds it: the queue starts at most ten event intakes at once, the workflow four risk ' +
      'scans, a schedule one canary an hour and one watchdog a day. Reserved concurrency on top would make a new account refuse the deployment, because AWS starts accounts with a ' +
      'limit of ten and lets nobody reserve from those. The alarm event-intake-throttles tells when other users of the account ' +
      'leave too little.',
  })),
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: 'Events/Intake/Workflow/Function/Resource',
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. This one is fed by a queue only, whose messages ' +
      'go to the dead-letter queue of that queue after five failed deliveries, with an alarm at the first of them.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: 'Scan/NightlyScan/Workflow/Function/Resource',
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. The workflow waits for this one, tries a step ' +
      'again where it failed, and ends as failed, with an alarm, where that does not help.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-SF2',
    path: 'Scan/NightlyScan/Machine/Machine/Resource',
    reason:
      'X-Ray knows no resources, so tracing would take rights on "*". The log of the workflow has every step with its time, ' +
      'and the log of the function every call.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    path: 'Scan/NightlyScan/Machine/Policy/Resource',
    reason:
      'The log of a workflow is delivered by a service of AWS, and the rights to set that delivery up know no resource but ' +
      '"*". They read and change log deliveries and the policies of logs, and read or write no log.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-SQS3',
    path: 'Events/Door/Undelivered/Resource',
    reason:
      'It is a dead-letter queue itself, that of the bus and of its rule, which the rule cannot see because it looks at queues ' +
      'only. Nothing consumes it but a person; an alarm sounds at its first message.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-SQS3',
    path: 'Scan/NightlyScan/DeadLetters/Resource',
    reason:
      'It is a dead-letter queue itself, that of a schedule, which the rule cannot see because it looks at queues and ' +
      'functions only. Nothing consumes it but a person; an alarm sounds at its first message.',
  },
];

/**
 * @param stacks by the part of their name that the paths begin with.
 * @throws Error where a path leads nowhere, so that no acknowledgement outlives what it was for.
 */
export function acknowledge(stacks: Readonly<Record<string, Construct>>): void {
  for (const { rule, path, reason } of acknowledgements) {
    const [stack = '', ...steps] = path.split('/');
    const resource = steps.reduce<Construct | undefined>(stepInto, stacks[stack]);
    if (resource === undefined) throw new Error(`acknowledged is ${rule} at ${path}, but nothing is there: remove it`);
    Validations.of(resource).acknowledge({ id: rule, reason });
  }
}

function stepInto(scope: Construct | undefined, id: string): Construct | undefined {
  return scope?.node.tryFindChild(id);
}
