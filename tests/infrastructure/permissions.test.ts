import { describe, expect, it } from 'vitest';
import {
  exampleDeployment,
  listOf,
  named,
  ofType,
  only,
  plainId,
  type Resource,
  resourcesOf,
  runningIn,
  synthesized,
} from './synthesis.ts';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const templates = synthesized(exampleDeployment);
const running = runningIn(templates);
const data = resourcesOf(templates.data);

function statementsOf(resource: Resource, property = 'PolicyDocument'): readonly Statement[] {
  return (resource.Properties[property] as { Statement: Statement[] }).Statement;
}

/** Every policy that is attached to a role, by whose it is. */
const policies = ofType(running, 'AWS::IAM::ManagedPolicy').map(
  ([id, resource]) => [plainId(id).replace(/Policy$/, ''), statementsOf(resource)] as const,
);

function rowsOf(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ Action, Resource: on, Condition }) =>
    listOf(on).flatMap((resource) =>
      listOf(Action).map((action) => {
        const conditions = Object.values(Condition ?? {}).flatMap((keys) =>
          Object.entries(keys).map(([key, value]) => ` if ${key} = ${listOf(value).map(named).join()}`),
        );
        return `${action} on ${named(resource)}${conditions.join('')}`;
      }),
    ),
  );
}

/** What DynamoDB asks of KMS on behalf of whoever uses an encrypted table. */
function atRest(key: string): string[] {
  return [
    'Decrypt',
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
  ].map((action) => `kms:${action} on ${key} if kms:ViaService = dynamodb.us-east-1.amazonaws.com`);
}

/** Setting up how a workflow's log is delivered: AWS knows no resource for it. It reads and writes no log. */
const logDelivery = [
  'CreateLogDelivery',
  'DeleteLogDelivery',
  'DescribeLogGroups',
  'DescribeResourcePolicies',
  'GetLogDelivery',
  'ListLogDeliveries',
  'PutResourcePolicy',
  'UpdateLogDelivery',
].map((action) => `logs:${action} on *`);

// Reviewed: who may do what to what. A change here is a change of somebody's rights.
const expected: Record<string, string[]> = {
  IntakeWorkflow: [
    'logs:CreateLogStream on IntakeWorkflowLog',
    'logs:PutLogEvents on IntakeWorkflowLog',
    'sqs:DeleteMessage on DoorQueue',
    'sqs:GetQueueAttributes on DoorQueue',
    'sqs:ReceiveMessage on DoorQueue',
    'kms:Decrypt on Data: Keysmessages',
    'dynamodb:GetItem on Data: CareTable',
    'dynamodb:PutItem on Data: CareTable',
    'dynamodb:Query on Data: CareTable',
    ...atRest('Data: Keyscare'),
    'dynamodb:PutItem on Data: AuditTable',
    ...atRest('Data: Keysaudit'),
    'kms:Decrypt on Data: Keyscare',
    'kms:GenerateDataKey on Data: Keyscare',
    'kms:Encrypt on Data: Keysaudit',
    'kms:GenerateMac on Data: Keysidentity',
  ],
  CanaryWorkflow: [
    'logs:CreateLogStream on CanaryWorkflowLog',
    'logs:PutLogEvents on CanaryWorkflowLog',
    'events:PutEvents on DoorBus',
    'dynamodb:GetItem on Data: CareTable if dynamodb:LeadingKeys = canary',
    ...atRest('Data: Keyscare'),
    'sqs:SendMessage on CanaryDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
  CanaryHourly: [
    'lambda:InvokeFunction on CanaryWorkflowFunction',
    'sqs:SendMessage on CanaryDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
  NightlyScanWorkflow: [
    'logs:CreateLogStream on NightlyScanWorkflowLog',
    'logs:PutLogEvents on NightlyScanWorkflowLog',
    'dynamodb:GetItem on Data: CareTable',
    'dynamodb:PutItem on Data: CareTable',
    'dynamodb:Query on Data: CareTable',
    'dynamodb:Query on Data: CareTable/index/due',
    ...atRest('Data: Keyscare'),
    'dynamodb:PutItem on Data: AuditTable',
    ...atRest('Data: Keysaudit'),
    'kms:Decrypt on Data: Keyscare',
    'kms:GenerateDataKey on Data: Keyscare',
    'kms:Encrypt on Data: Keysaudit',
  ],
  NightlyScanMachine: ['lambda:InvokeFunction on NightlyScanWorkflowFunction', ...logDelivery],
  NightlyScanNightly: [
    'states:StartExecution on NightlyScanMachine',
    'sqs:SendMessage on NightlyScanDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
  WatchdogWorkflow: [
    'logs:CreateLogStream on WatchdogWorkflowLog',
    'logs:PutLogEvents on WatchdogWorkflowLog',
    'dynamodb:GetItem on Data: CareTable',
    'dynamodb:Query on Data: CareTable',
    'dynamodb:Query on Data: CareTable/index/due',
    ...atRest('Data: Keyscare'),
    'sns:Publish on Events: OperationsTopic',
    'kms:Decrypt on Data: Keysoperations',
    'kms:GenerateDataKey on Data: Keysoperations',
    'sqs:SendMessage on WatchdogDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
  WatchdogMorning: [
    'lambda:InvokeFunction on WatchdogWorkflowFunction',
    'sqs:SendMessage on WatchdogDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
  SealWorkflow: [
    'logs:CreateLogStream on SealWorkflowLog',
    'logs:PutLogEvents on SealWorkflowLog',
    'dynamodb:GetItem on Data: CareTable if dynamodb:LeadingKeys = log',
    'dynamodb:PutItem on Data: CareTable if dynamodb:LeadingKeys = log',
    'dynamodb:Query on Data: CareTable if dynamodb:LeadingKeys = unsealed#*',
    'dynamodb:DeleteItem on Data: CareTable if dynamodb:LeadingKeys = unsealed#*',
    'dynamodb:BatchGetItem on Data: CareTable if dynamodb:LeadingKeys = sealed#*',
    'dynamodb:PutItem on Data: CareTable if dynamodb:LeadingKeys = sealed#*',
    ...atRest('Data: Keyscare'),
    's3:GetObject on Data: AuditLogPublished/*',
    's3:PutObject on Data: AuditLogPublished/*',
    's3:DeleteObject on Data: AuditLogStaging/*',
    's3:GetObject on Data: AuditLogStaging/*',
    's3:PutObject on Data: AuditLogStaging/*',
    's3:ListBucket on Data: AuditLogPublished',
    's3:ListBucket on Data: AuditLogStaging',
    'kms:GetPublicKey on Data: Keyssigning',
    'kms:Sign on Data: Keyssigning',
  ],
  SealMachine: ['lambda:InvokeFunction on SealWorkflowFunction', ...logDelivery],
  SealEveryFiveMinutes: [
    'states:StartExecution on SealMachine',
    'sqs:SendMessage on SealDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
  ReconcileWorkflow: [
    'logs:CreateLogStream on ReconcileWorkflowLog',
    'logs:PutLogEvents on ReconcileWorkflowLog',
    'dynamodb:GetItem on Data: CareTable',
    'dynamodb:Query on Data: CareTable/index/due',
    ...atRest('Data: Keyscare'),
    'dynamodb:Query on Data: AuditTable',
    ...atRest('Data: Keysaudit'),
    'sns:Publish on Events: OperationsTopic',
    'kms:Decrypt on Data: Keysoperations',
    'kms:GenerateDataKey on Data: Keysoperations',
    'sqs:SendMessage on ReconcileDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
  ReconcileMorning: [
    'lambda:InvokeFunction on ReconcileWorkflowFunction',
    'sqs:SendMessage on ReconcileDeadLetters',
    'kms:Decrypt on Data: Keysmessages',
    'kms:GenerateDataKey on Data: Keysmessages',
  ],
};

describe('every role', () => {
  it('may do exactly what the reviewed table says', () => {
    const actual = Object.fromEntries(policies.map(([name, statements]) => [name, rowsOf(statements).toSorted()]));
    const reviewed = Object.fromEntries(Object.entries(expected).map(([name, rows]) => [name, rows.toSorted()]));
    expect(actual).toEqual(reviewed);
  });

  it('has its one policy and no other way to a right', () => {
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy', 'AWS::IAM::User', 'AWS::IAM::Group']) {
      expect([...ofType(running, type), ...ofType(data, type)]).toEqual([]);
    }
    expect(ofType(data, 'AWS::IAM::Role')).toEqual([]);
    for (const [id, { Properties }] of ofType(running, 'AWS::IAM::Role')) {
      expect(Properties['Policies']).toBeUndefined();
      expect(listOf(Properties['ManagedPolicyArns']).map(named)).toEqual([`${plainId(id).replace(/Role$/, '')}Policy`]);
    }
  });

  it('is allowed no wildcard action, and no wildcard resource except where AWS knows no other', () => {
    const allowed = policies.flatMap(([, statements]) => statements);
    for (const statement of allowed) {
      expect(statement.Effect).toBe('Allow');
      expect(statement.NotAction).toBeUndefined();
      for (const action of listOf(statement.Action)) expect(action).not.toContain('*');
    }
    const wide = allowed.filter(({ Resource }) => JSON.stringify(Resource).includes('*'));
    // The objects of a bucket, or what AWS knows no resource for.
    const rows = rowsOf(wide).filter((row) => !/^s3:\w+Object on Data: AuditLog\w+\/\*$/.test(row));
    expect([...new Set(rows)].toSorted()).toEqual(logDelivery);
  });

  it('can be taken on by one service only, and by a schedule or workflow of this stage only', () => {
    const trusted = ofType(running, 'AWS::IAM::Role').map(([id, resource]) => {
      const statements = statementsOf(resource, 'AssumeRolePolicyDocument');
      const [statement] = statements;
      expect(statements).toHaveLength(1);
      return [plainId(id), statement?.Principal, Object.values(statement?.Condition ?? {}).flatMap(Object.keys)];
    });
    expect(trusted).toEqual([
      ['IntakeWorkflowRole', { Service: 'lambda.amazonaws.com' }, []],
      ['CanaryWorkflowRole', { Service: 'lambda.amazonaws.com' }, []],
      ['CanaryHourlyRole', { Service: 'scheduler.amazonaws.com' }, ['aws:SourceAccount', 'aws:SourceArn']],
      ['NightlyScanWorkflowRole', { Service: 'lambda.amazonaws.com' }, []],
      ['NightlyScanMachineRole', { Service: 'states.amazonaws.com' }, ['aws:SourceAccount', 'aws:SourceArn']],
      ['NightlyScanNightlyRole', { Service: 'scheduler.amazonaws.com' }, ['aws:SourceAccount', 'aws:SourceArn']],
      ['WatchdogWorkflowRole', { Service: 'lambda.amazonaws.com' }, []],
      ['WatchdogMorningRole', { Service: 'scheduler.amazonaws.com' }, ['aws:SourceAccount', 'aws:SourceArn']],
      ['SealWorkflowRole', { Service: 'lambda.amazonaws.com' }, []],
      ['SealMachineRole', { Service: 'states.amazonaws.com' }, ['aws:SourceAccount', 'aws:SourceArn']],
      ['SealEveryFiveMinutesRole', { Service: 'scheduler.amazonaws.com' }, ['aws:SourceAccount', 'aws:SourceArn']],
      ['ReconcileWorkflowRole', { Service: 'lambda.amazonaws.com' }, []],
      ['ReconcileMorningRole', { Service: 'scheduler.amazonaws.com' }, ['aws:SourceAccount', 'aws:SourceArn']],
    ]);
  });

  it('of a function lies on the path that the key policies call the functions', () => {
    const functions = new Set(
      ofType(running, 'AWS::Lambda::Function').map(([, { Properties }]) => named(Properties['Role'])),
    );
    for (const [id, { Properties }] of ofType(running, 'AWS::IAM::Role')) {
      const sealer = plainId(id) === 'SealWorkflowRole' ? 'sealer/' : '';
      expect(Properties['Path']).toBe(functions.has(plainId(id)) ? `/tandem/example/functions/${sealer}` : undefined);
    }
  });
});

describe('the audit table', () => {
  it('is only ever written to by a function, and its numbers and hashes read by one: no update, no deletion', () => {
    const rows = policies.flatMap(([role, statements]) => rowsOf(statements).map((row) => [role, row] as const));
    const ofTable = rows.filter(([, row]) => row.includes('Data: AuditTable'));
    expect(ofTable.filter(([, row]) => row !== 'dynamodb:PutItem on Data: AuditTable')).toEqual([
      ['ReconcileWorkflow', 'dynamodb:Query on Data: AuditTable'],
    ]);
    // What it reads is encrypted under a key with which no function may decrypt.
    expect(ofTable).not.toContainEqual(['ReconcileWorkflow', 'dynamodb:PutItem on Data: AuditTable']);
  });

  it('itself refuses every change of a record, whoever asks', () => {
    const statement = policyOfTable('AuditTable').find(({ Sid }) => Sid === 'AppendOnly');
    expect(statement).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
    expect(statement?.Condition).toBeUndefined();
    expect(statement?.Action).toEqual(
      expect.arrayContaining([
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:PartiQLUpdate',
        'dynamodb:PartiQLDelete',
      ]),
    );
  });
});

describe('both tables', () => {
  it.each(['CareTable', 'AuditTable'])('%s refuses whatever does not come over TLS', (table) => {
    expect(policyOfTable(table)).toContainEqual({
      Sid: 'OnlyTls',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'dynamodb:*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': false } },
    });
  });
});

describe('the keys', () => {
  it('never let a function open anything under the audit key, except that DynamoDB reads its table', () => {
    const deny = policyOfKey('audit').find(({ Effect }) => Effect === 'Deny');
    expect(deny?.NotAction).toBe('kms:Encrypt');
    expect(deny?.Principal).toEqual({ AWS: '*' });
    expect(JSON.stringify(deny?.Condition)).toContain(':role/tandem/example/functions/*');
    expect(deny?.Condition?.['StringNotEquals']).toEqual({ 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' });
  });

  it.each(['care', 'audit', 'identity', 'messages', 'operations', 'backup', 'signing'])(
    '%s allows no action by wildcard, and no principal outside the account',
    (key) => {
      for (const { Action, Effect, Principal } of policyOfKey(key).filter((each) => each.Effect === 'Allow')) {
        expect(Effect).toBe('Allow');
        for (const action of listOf(Action)) expect(action).not.toContain('*');
        const principal = JSON.stringify(Principal);
        expect(principal).toMatch(/:root"|^\{"Service":"(events|cloudwatch|logs\.us-east-1)\.amazonaws\.com"\}$/);
      }
    },
  );

  it('let a service in only for this account, this bus, these queues or logs', () => {
    for (const key of ['messages', 'operations']) {
      const services = policyOfKey(key).filter(({ Principal }) => JSON.stringify(Principal).includes('Service'));
      expect(services.length).toBeGreaterThan(0);
      for (const { Condition } of services) expect(Condition).toBeDefined();
    }
  });

  it('that signs the audit does so for the sealer only, and nobody may sign or decrypt besides', () => {
    const signing = policyOfKey('signing').filter(({ Action }) => listOf(Action).includes('kms:Sign'));
    expect(signing).toHaveLength(1);
    expect(JSON.stringify(signing[0]?.Condition?.['ArnLike'])).toContain(':role/tandem/example/functions/sealer/*');
    const rows = policies.flatMap(([role, statements]) => rowsOf(statements).map((row) => `${role}: ${row}`));
    expect(rows.filter((row) => row.includes('kms:Sign'))).toEqual(['SealWorkflow: kms:Sign on Data: Keyssigning']);
    expect(rows.filter((row) => row.includes('kms:Decrypt on Data: Keysaudit') && !row.includes('ViaService'))).toEqual(
      [],
    );
  });

  it('of identity can make a MAC and nothing else', () => {
    const use = policyOfKey('identity').find(({ Sid }) => Sid === 'UseAsIamAllows');
    expect(use?.Action).toEqual(['kms:DescribeKey', 'kms:GenerateMac']);
  });
});

function policyOfTable(name: string): readonly Statement[] {
  const [replica] = only(data, 'AWS::DynamoDB::GlobalTable', name)['Replicas'] as {
    ResourcePolicy: { PolicyDocument: { Statement: Statement[] } };
  }[];
  return replica?.ResourcePolicy.PolicyDocument.Statement ?? [];
}

function policyOfKey(name: string): readonly Statement[] {
  return (only(data, 'AWS::KMS::Key', `Keys${name}`)['KeyPolicy'] as { Statement: Statement[] }).Statement;
}
