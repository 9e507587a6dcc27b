import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A finding of cdk-nag that stays, on exactly one resource, and why it may. */
export interface Acknowledgement {
  /** As cdk-nag names it, its pack first; {Data} is the name of the stack of data, {place} region and account, {stage} the start of physical names. */
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
  'Audit/Seal/Workflow/Function/Resource',
  'Alerts/AlertSweep/Workflow/Function/Resource',
];

const machines = ['Scan/NightlyScan/Machine', 'Audit/Seal/Machine'];

const logBuckets = ['Data/AuditLog/Published/Resource', 'Data/AuditLog/Staging/Resource'];

/** Everything acknowledged. */
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
      'scans, a schedule one canary an hour, one watchdog a day, one sealer every five minutes and one sweep of alerts a ' +
      'minute. Reserved concurrency on top would make a new account refuse the deployment, because AWS starts accounts ' +
      'with a limit of ten and lets nobody reserve from those. The alarm event-intake-throttles tells when other users of the account leave too little.',
  })),
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: 'Events/Intake/Workflow/Function/Resource',
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. This one is fed by a queue only, whose messages ' +
      'go to the dead-letter queue of that queue after five failed deliveries, with an alarm at the first of them.',
  },
  ...['Scan/NightlyScan', 'Audit/Seal'].map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: `${path}/Workflow/Function/Resource`,
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. The workflow waits for this one, tries a step ' +
      'again where it failed, and ends as failed, with an alarm, where that does not help.',
  })),
  ...machines.map((path) => ({
    rule: 'AwsSolutions::AwsSolutions-SF2',
    path: `${path}/Machine/Resource`,
    reason:
      'X-Ray knows no resources, so tracing would take rights on "*". The log of the workflow has every step with its time, ' +
      'and the log of the function every call.',
  })),
  ...machines.map((path) => ({
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    path: `${path}/Policy/Resource`,
    reason:
      'The log of a workflow is delivered by a service of AWS, and the rights to set that delivery up know no resource but ' +
      '"*". They read and change log deliveries and the policies of logs, and read or write no log.',
  })),
  ...['PublishedEC9FBC75Arn69A320FE', 'StagingAF649F58Arn99E86E31'].map((bucket) => ({
    rule: `AwsSolutions::AwsSolutions-IAM5[Resource::{Data}:ExportsOutputFnGetAttAuditLog${bucket}/*]`,
    path: 'Audit/Seal/Workflow/Policy/Resource',
    reason:
      'The wildcard is the objects of one bucket, which holds nothing but the log of the seals or its scratch space. Their names ' +
      'grow with the log, and the sealer, which is the only function that may touch them, writes them all.',
  })),
  {
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:sns:{place}:{stage}-staff-*]',
    path: 'Alerts/AlertSweep/Workflow/Policy/Resource',
    reason:
      'The wildcard is the topics of the staff of this stage, all of which the sweep writes to. They come and go with ' +
      'escalation.yaml, and the names of a large clinic’s staff would not fit into one policy.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-SQS3',
    path: 'Events/Door/Undelivered/Resource',
    reason:
      'It is a dead-letter queue itself, that of the bus and of its rule, which the rule cannot see because it looks at queues ' +
      'only. Nothing consumes it but a person; an alarm sounds at its first message.',
  },
  ...['Scan/NightlyScan', 'Audit/Seal'].map((path) => ({
    rule: 'AwsSolutions::AwsSolutions-SQS3',
    path: `${path}/DeadLetters/Resource`,
    reason:
      'It is a dead-letter queue itself, that of a schedule, which the rule cannot see because it looks at queues and ' +
      'functions only. Nothing consumes it but a person; an alarm sounds at its first message.',
  })),
  ...logBuckets.flatMap((path) =>
    ['AwsSolutions::AwsSolutions-S1', 'HIPAA.Security::HIPAA.Security-S3BucketLoggingEnabled'].map((rule) => ({
      rule,
      path,
      reason:
        'An access log would be one more bucket to keep, for what holds hashes and made-up ids only and is written by one ' +
        'function. Who changed what is proven by the signatures in it; CloudTrail can record its data events where a clinic asks.',
    })),
  ),
  ...logBuckets.map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-S3DefaultEncryptionKMS',
    path,
    reason:
      'It is encrypted by S3 itself. Evidence must be readable for as long as it is kept, and under a key of KMS whoever deletes ' +
      'the key would delete the evidence, which Object Lock exists to prevent. It holds hashes, counts and made-up ids only.',
  })),
  ...logBuckets.map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-S3BucketReplicationEnabled',
    path,
    reason:
      'Object Lock keeps what is published from every deletion, S3 keeps it in three zones, and the newest seal leaves the account every ' +
      'week as docs/audit.md asks. The log holds nothing that the audit table does not hold too. Staging is scratch space.',
  })),
  {
    rule: 'HIPAA.Security::HIPAA.Security-S3BucketVersioningEnabled',
    path: 'Data/AuditLog/Staging/Resource',
    reason:
      'It is scratch space: what is in it is published minutes later or was never needed. Older versions would keep what the ' +
      'lifecycle is there to remove.',
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
    const { region, account } = Stack.of(resource);
    const id = rule
      .replace('{Data}', stacks['Data']?.node.id ?? '')
      .replace('{place}', `${region}:${Token.isUnresolved(account) ? '<AWS::AccountId>' : account}`)
      .replace('{stage}', Stack.of(resource).node.id.replace(`-${stack}`, ''));
    Validations.of(resource).acknowledge({ id, reason });
  }
}

function stepInto(scope: Construct | undefined, id: string): Construct | undefined {
  return scope?.node.tryFindChild(id);
}
