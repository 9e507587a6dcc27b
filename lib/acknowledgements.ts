import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';

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
  'Audit/Reconcile/Workflow/Function/Resource',
  'Alerts/AlertSweep/Workflow/Function/Resource',
  'Alerts/TherapistAlert/Driver/Function/Resource',
  'Reminders/ReminderRound/Workflow/Function/Resource',
];

const machines = [
  'Scan/NightlyScan/Machine',
  'Audit/Seal/Machine',
  'Alerts/TherapistAlert/Machine',
  'Reminders/ReminderRound/Machine',
];

/** The steps of an alert's workflow. */
const alertSteps = 'Alerts/TherapistAlert/Workflow/Function/Resource';

const logBuckets = ['Data/AuditLog/Published/Resource', 'Data/AuditLog/Staging/Resource'];

/** Called by API Gateway, which waits for their answer. */
const behindTheApi = ['Api/SignInCheck/Workflow/Function/Resource', 'Api/AlertApi/Workflow/Function/Resource'];

/** Also called by API Gateway; it serves a page that holds nothing of anybody. */
const consolePage = 'Api/Console/Workflow/Function/Resource';
const pageRoutes = ['/', '/alerts/{id}', '/assets/{proxy+}'].flatMap((path) =>
  ['GET', 'HEAD'].map((method) => `Api/Https/Api/${method}${path.replaceAll('/', '--')}/Resource`),
);

/** Also called by API Gateway; it puts events on the bus and reaches nothing else. */
const vendorDoor = 'Api/VendorDoor/Workflow/Function/Resource';

/** Everything acknowledged in a stage that traces nothing. */
export const acknowledgements: readonly Acknowledgement[] = [
  ...behindTheApi.map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaInsideVPC',
    path,
    reason:
      'The function calls DynamoDB, KMS and the clinic’s sign-in only, over TLS, and each of its calls of AWS is signed by a role that ' +
      'may do what it needs and nothing else. Nothing reaches it but the API, which throttles and checks who is asking. A VPC would ' +
      'add a way out to the sign-in to operate and pay for, and no boundary that the role does not draw already.',
  })),
  ...[...behindTheApi, consolePage].map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaConcurrency',
    path,
    reason:
      'The API bounds it: every route is throttled to so many requests a second, all callers together. Reserved concurrency on top ' +
      'would make a new account refuse the deployment, because AWS starts accounts with a limit of ten and lets nobody reserve from those.',
  })),
  ...[...behindTheApi, consolePage].map((path) => ({
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path,
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. The API waits for this one and tells the caller, who is ' +
      'a person with a page in front of them, that it failed; an alarm sounds at the first failure.',
  })),
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaInsideVPC',
    path: consolePage,
    reason:
      'The function calls nothing: it hands out the files of a page that lie beside it, and its role may write its own log and ' +
      'nothing else. In a network of its own it would have nothing to reach either.',
  },
  ...pageRoutes.map((path) => ({
    rule: 'AwsSolutions::AwsSolutions-APIG4',
    path,
    reason:
      'Somebody who is not signed in yet has to get the page that signs them in, and mail scanners follow the links of e-mails. The ' +
      'page is the same for everybody, holds nothing of a patient, and changes nothing; whatever it shows later comes from routes ' +
      'that check who is asking.',
  })),
  {
    rule: 'AwsSolutions::AwsSolutions-APIG4',
    path: 'Api/Https/Api/GET--api--config/Resource',
    reason:
      'The page has to know where to send somebody who is not signed in yet. The answer is the address of the sign-in, the page’s id ' +
      'there, which is no secret, and a number of minutes; it says nothing of a patient or of anybody else.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaInsideVPC',
    path: vendorDoor,
    reason:
      'The function calls EventBridge only, over TLS, and its role may put events on one bus and do nothing else. Nothing reaches it ' +
      'but the API, which throttles and lets in the programme’s tokens only. There is nothing inside a network for it to reach.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaConcurrency',
    path: vendorDoor,
    reason:
      'The API bounds it: its one route is throttled. Reserved concurrency on top would make a new account refuse the deployment, ' +
      'because AWS starts accounts with a limit of ten and lets nobody reserve from those. An alarm sounds when it is throttled.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: vendorDoor,
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. The programme’s server waits for this one, and sends ' +
      'the same events again where it did not answer that they are taken; an alarm sounds at the first failure.',
  },
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
      'scans, another one round of reminders, a schedule one canary an hour, one watchdog and one comparison of the audit a day, one sealer and one sweep of alerts every ' +
      'five minutes, a stream one driver of alerts for each of its shards. Reserved concurrency on top would make a new account refuse the deployment, because AWS starts accounts ' +
      'with a limit of ten and lets nobody reserve from those. The alarm event-intake-throttles tells when other users of the account leave too little.',
  })),
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: 'Events/Intake/Workflow/Function/Resource',
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. This one is fed by a queue only, whose messages ' +
      'go to the dead-letter queue of that queue after five failed deliveries, with an alarm at the first of them.',
  },
  ...['Scan/NightlyScan', 'Audit/Seal', 'Reminders/ReminderRound', 'Alerts/TherapistAlert'].map((path) => ({
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
      'Traces are one more store to watch over, so the clinic decides (deployment.tracing). Without them the log of the workflow has ' +
      'every step with its time, and the log of the function every call.',
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
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::{Data}:ExportsOutputFnGetAttAuditLogPublishedEC9FBC75Arn69A320FE/*]',
    path: 'Audit/Export/Policy/Resource',
    reason:
      'The wildcard is the objects of one bucket, which holds nothing but the log of the seals. An export reads all of it, and its ' +
      'names grow with the log.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:cloudformation:{place}:stack/{stage}-*]',
    path: 'Audit/Export/Policy/Resource',
    reason:
      'The wildcard is the stacks of this stage: the ARN of a stack ends in an id that CloudFormation makes up. The right is to read ' +
      'their outputs, which are names and ARNs and no secret.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaConcurrency',
    path: alertSteps,
    reason:
      'Each open alert is led by one execution, which calls the function for a second and then waits for minutes or hours. Where ' +
      'many call at once and the account runs out, a call is tried again with growing pauses, and the sweep goes on meanwhile. Reserved ' +
      'concurrency would make a new account refuse the deployment, because AWS starts accounts with a limit of ten and lets nobody ' +
      'reserve from those.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaInsideVPC',
    path: alertSteps,
    reason:
      'The function calls DynamoDB, KMS, SNS and Step Functions only, over TLS, and each of its calls is signed by a role that may do ' +
      'what it needs and nothing else. It has no address. A VPC would add endpoints to operate and pay for, and no boundary that the ' +
      'role does not draw already.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-LambdaDLQ',
    path: 'Alerts/TherapistAlert/Driver/Function/Resource',
    reason:
      'The dead-letter queue of a function is for calls that nobody waits for. This one is fed by the stream of the care table only, ' +
      'whose changes go to the queue of that mapping after three more tries, with an alarm at the first of them.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-SQS3',
    path: 'Alerts/TherapistAlert/DeadLetters/Resource',
    reason:
      'It is a dead-letter queue itself, that of a stream, which the rule cannot see because it looks at queues and functions ' +
      'only. Nothing consumes it but a person; an alarm sounds at its first message.',
  },
  ...['Alerts/AlertSweep', 'Alerts/TherapistAlert', 'Events/Intake'].map((part) => ({
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:sns:{place}:{stage}-staff-*]',
    path: `${part}/Workflow/Policy/Resource`,
    reason:
      'The wildcard is the topics of the staff of this stage, all of which alerts are written to. They come and go with ' +
      'escalation.yaml, and the names of a large clinic’s staff would not fit into one policy.',
  })),
  {
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:sns:{place}:{stage}-mail-*]',
    path: 'Reminders/ReminderRound/Workflow/Policy/Resource',
    reason:
      'The wildcard is the topics of the patients of this stage, one for each who wants e-mail. The round makes one when it is first ' +
      'needed, under a name that says nothing of the patient, so that no deployment can list them.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    path: 'Reminders/ReminderRound/Workflow/Policy/Resource',
    reason:
      'A phone number has no ARN. So asking whether a number has opted out knows no resource but "*", and so does the sending of SMS ' +
      'that SNS does in the name of its caller, which is allowed through SNS only. Publishing is allowed on everything but topics, that ' +
      'is on phone numbers, and by a statement of its own on the topics of this stage’s patients.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-SQS3',
    path: 'Events/Door/Undelivered/Resource',
    reason:
      'It is a dead-letter queue itself, that of the bus and of its rule, which the rule cannot see because it looks at queues ' +
      'only. Nothing consumes it but a person; an alarm sounds at its first message.',
  },
  ...['Scan/NightlyScan', 'Audit/Seal', 'Reminders/ReminderRound'].map((path) => ({
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
    rule: 'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
    path: 'Backup/Backups/Role/Resource',
    reason:
      'The role is of AWS Backup and not of any code of ours; nobody else can take it on. What a backup needs changes with the ' +
      'service, and AWS keeps this policy for it. A copy of ours that lagged behind would be found out on the day a backup is missing.',
  },
  {
    rule: 'HIPAA.Security::HIPAA.Security-S3BucketVersioningEnabled',
    path: 'Data/AuditLog/Staging/Resource',
    reason:
      'It is scratch space: what is in it is published minutes later or was never needed. Older versions would keep what the ' +
      'lifecycle is there to remove.',
  },
];

const policiesWithTracing = [
  ...[...functions, alertSteps, ...behindTheApi, consolePage, vendorDoor].map((path) =>
    path.replace('/Function/', '/Policy/'),
  ),
  ...machines.map((path) => `${path}/Policy/Resource`),
];

/** What a stage that traces adds to the list, and what it takes off it: its workflows are traced. */
const whereTraced: readonly Acknowledgement[] = [
  ...acknowledgements.filter(({ rule }) => rule !== 'AwsSolutions::AwsSolutions-SF2'),
  ...policiesWithTracing.map((path) => ({
    rule: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    path,
    reason:
      'The clinic has switched tracing on, and X-Ray knows no resource but "*". The rights hand X-Ray names, ids of requests and ' +
      'times of the role’s own calls and let a workflow read how much is to be sampled; none of them reads a trace.',
  })),
];

/** What is acknowledged in a stage. */
export function acknowledgedIn({ tracing }: Pick<Deployment, 'tracing'>): readonly Acknowledgement[] {
  return tracing ? whereTraced : acknowledgements;
}

/**
 * @param stacks by the part of their name that the paths begin with; undefined: this stage has none.
 * @throws Error where a path leads nowhere, so that no acknowledgement outlives what it was for.
 */
export function acknowledge(
  stacks: Readonly<Record<string, Construct | undefined>>,
  deployment: Pick<Deployment, 'tracing'>,
): void {
  for (const { rule, path, reason } of acknowledgedIn(deployment)) {
    const [stack = '', ...steps] = path.split('/');
    if (stack in stacks && stacks[stack] === undefined) continue;
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
