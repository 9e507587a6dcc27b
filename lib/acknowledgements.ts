import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A finding of cdk-nag that stays, on exactly one resource, and why it may. */
export interface Acknowledgement {
  /** As cdk-nag names it, its pack first. */
  readonly rule: string;
  /** From the stack to the resource. */
  readonly path: string;
  /** For the clinic's security officer: what takes the place of what the rule asks for. */
  readonly reason: string;
}

const functions = ['Intake/Workflow/Function/Resource', 'Canary/Workflow/Function/Resource'];

/** Everything acknowledged in the stack of events. The stack of data has no finding. */
export const acknowledgements: readonly Acknowledgement[] = [
  ...functions.map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaInsideVPC',
    path,
    reason:
      'The function calls DynamoDB, KMS and EventBridge only, over TLS, and each of its calls is signed by a role that may do ' +
      'what it needs and nothing else. There is nothing inside a network for it to reach, and nothing can reach it: it has no ' +
      'address. A VPC would add endpoints to operate and pay for, and no boundary that the role does not draw already.',
  })),
  ...functions.map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaConcurrency',
    path,
    reason:
      'What starts the function bounds it: the queue starts at most ten event intakes at once, the schedule one canary an ' +
      'hour. Reserved concurrency on top would make a new account refuse the deployment, because AWS starts accounts with a ' +
      'limit of ten and lets nobody reserve from those. The alarm event-intake-throttles tells when other users of the account ' +
      'leave too little.',
  })),
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: 'Intake/Workflow/Function/Resource',
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. This one is fed by a queue only, whose messages ' +
      'go to the dead-letter queue of that queue after five failed deliveries, with an alarm at the first of them.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-SQS3',
    path: 'Door/Undelivered/Resource',
    reason:
      'It is a dead-letter queue itself, that of the bus and of its rule, which the rule cannot see because it looks at queues ' +
      'only. Nothing consumes it but a person; an alarm sounds at its first message.',
  },
];

/** @throws Error where a path leads nowhere, so that no acknowledgement outlives what it was for. */
export function acknowledge(events: Construct): void {
  for (const { rule, path, reason } of acknowledgements) {
    const resource = path.split('/').reduce<Construct | undefined>(stepInto, events);
    if (resource === undefined) throw new Error(`acknowledged is ${rule} at ${path}, but nothing is there: remove it`);
    Validations.of(resource).acknowledge({ id: rule, reason });
  }
}

function stepInto(scope: Construct | undefined, id: string): Construct | undefined {
  return scope?.node.tryFindChild(id);
}
