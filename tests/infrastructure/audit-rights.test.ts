import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { addTandem } from '../../lib/tandem.ts';
import { exampleDeployment, listOf, named, ofType, only, plainId, resourcesOf, testApp } from './synthesis.ts';

// Over every stack: a right on the audit is nobody's because it stands in no policy of any of them.
const stacks = Object.values(addTandem(testApp(), exampleDeployment)).filter((stack) => stack !== undefined);
const templates = stacks.map((stack) => [partOf(stack), resourcesOf(Template.fromStack(stack))] as const);
const data = Object.fromEntries(templates)['Data'] ?? {};

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

function partOf({ stackName }: Stack): string {
  return stackName.replace('Tandem-example-', '');
}

/** Every statement that is attached to somebody, in any of the ways in which CloudFormation can. */
const statements = templates.flatMap(([part, resources]) =>
  Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (!Type.startsWith('AWS::IAM::')) return [];
    const inline = (Properties['Policies'] ?? []) as { PolicyDocument: PolicyDocument }[];
    const own = Properties['PolicyDocument'] as PolicyDocument | undefined;
    return [...inline.map(({ PolicyDocument }) => PolicyDocument), ...(own === undefined ? [] : [own])].flatMap(
      ({ Statement }) => Statement.map((statement) => ({ who: `${part}/${plainId(id)}`, statement })),
    );
  }),
);

/** Whether an action, or the service of an ARN, is one of those that a pattern with wildcards means. */
function isMeant(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i').test(text);
}

/**
 * Whether the statement may reach this resource: by name, by wildcard, by an ARN of that service, because others are left out, or
 * by an intrinsic that cannot be read here.
 */
function isOn({ Resource, NotResource }: Statement, service: string, target: string): boolean {
  if (NotResource !== undefined) return true;
  return listOf(Resource)
    .map(named)
    .some((text) => {
      const isArn = text.startsWith('arn:') && text.split(':').some((part) => part !== '' && isMeant(part, service));
      return (
        text === '*' || text.startsWith('{') || text.startsWith(target) || text.startsWith(`Data: ${target}`) || isArn
      );
    });
}

/** Whoever may do one of these to it, with the condition if there is one. */
function whoMay(actions: readonly string[], target: string, among: typeof statements = statements): string[] {
  return among.flatMap(({ who, statement }) => {
    const { Effect, Action, NotAction, Condition } = statement;
    if (Effect !== 'Allow') return [];
    return actions
      .filter((action) => NotAction !== undefined || listOf(Action).some((pattern) => isMeant(pattern, action)))
      .filter((action) => isOn(statement, action.split(':')[0] ?? '', target))
      .map((action) => `${who}: ${action}${Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`}`);
  });
}

const throughDynamoDB = '{"StringEquals":{"kms:ViaService":"dynamodb.us-east-1.amazonaws.com"}}';

function policyOfKey(name: string): readonly Statement[] {
  return (only(data, 'AWS::KMS::Key', `Keys${name}`)['KeyPolicy'] as PolicyDocument).Statement;
}

/** What a key's policy says of an action, by the statement's name and its condition. */
function whereAllowed(key: string, action: string): (readonly [sid: string | undefined, condition: unknown])[] {
  return policyOfKey(key)
    .filter(({ Effect, Action }) => Effect === 'Allow' && listOf(Action).some((pattern) => isMeant(pattern, action)))
    .map(({ Sid, Condition }) => [Sid, Condition] as const);
}

const rolePath = (path: string) => ({
  'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, `:role/tandem/example/${path}/*`]],
});

describe('a right that somebody came to have', () => {
  const fromData = (id: string) => ({
    'Fn::ImportValue': `Tandem-example-Data:ExportsOutputFnGetAtt${id}00000000Arn00000000`,
  });
  const joined = {
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':dynamodb:', { Ref: 'AWS::Region' }, ':1:table/*']],
  };

  it.each<[string, Partial<Statement>]>([
    ['by name', { Action: 'dynamodb:UpdateItem', Resource: fromData('AuditTable') }],
    [
      'by name in its own stack',
      { Action: 'dynamodb:UpdateItem', Resource: { 'Fn::GetAtt': ['AuditTable00000000', 'Arn'] } },
    ],
    ['on everything', { Action: ['s3:GetObject', 'dynamodb:*'], Resource: '*' }],
    ['by all actions but some', { NotAction: 's3:*', Resource: [fromData('AuditTable')] }],
    ['on all resources but some', { Action: 'dynamodb:Update*', NotResource: fromData('CareTable') }],
    ['by an ARN with wildcards', { Action: '*', Resource: 'arn:aws:dynamodb:*:*:table/*' }],
    ['by an ARN that is put together', { Action: 'DYNAMODB:updateitem', Resource: joined }],
    ['by an intrinsic', { Action: 'dynamodb:UpdateItem', Resource: { 'Fn::FindInMap': ['Tables', 'audit', 'arn'] } }],
  ])('would be seen, given %s', (_, statement) => {
    const planted = [{ who: 'planted', statement: { Effect: 'Allow', ...statement } }];
    expect(whoMay(['dynamodb:UpdateItem'], 'AuditTable', planted)).toEqual(['planted: dynamodb:UpdateItem']);
  });

  it('is not taken for one on another table or of another service', () => {
    const planted = [
      {
        who: 'planted',
        statement: { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: fromData('CareTable') },
      },
      { who: 'planted', statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } },
      { who: 'planted', statement: { Effect: 'Deny', Action: '*', Resource: '*' } },
    ];
    expect(whoMay(['dynamodb:UpdateItem'], 'AuditTable', planted)).toEqual([]);
  });
});

describe('opening the audit', () => {
  it('is the right of the role for exports, and of nobody else', () => {
    const opening = ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:CreateGrant', 'kms:PutKeyPolicy'];
    const direct = whoMay(opening, 'Keysaudit').filter((row) => !row.endsWith(` if ${throughDynamoDB}`));
    expect(direct).toEqual(['Audit/ExportPolicy: kms:Decrypt']);
  });

  it('is refused by the key itself to everybody else, whatever IAM allows them', () => {
    const viaDynamoDB = ['TableAsIamAllows', JSON.parse(throughDynamoDB)];
    expect(whereAllowed('audit', 'kms:Decrypt')).toEqual([
      viaDynamoDB,
      ['OnlyTheExportDecrypts', { ArnLike: { 'aws:PrincipalArn': rolePath('audit-export') } }],
    ]);
    expect(whereAllowed('audit', 'kms:ReEncryptFrom')).toEqual([viaDynamoDB]);
    expect(whereAllowed('audit', 'kms:CreateGrant')).toEqual([
      ['GrantToServices', { Bool: { 'kms:GrantIsForAWSResource': true } }],
    ]);
  });

  it('leaves the key to whoever administers the account, and writing under it to whoever IAM lets', () => {
    for (const action of ['kms:PutKeyPolicy', 'kms:GetKeyPolicy', 'kms:DescribeKey', 'kms:EnableKeyRotation'])
      expect(whereAllowed('audit', action)).toContainEqual(['Administer', undefined]);
    expect(whereAllowed('audit', 'kms:Encrypt')).toContainEqual(['UseAsIamAllows', undefined]);
  });
});

describe('the role for exports', () => {
  const roles = templates.flatMap(([part, resources]) =>
    ofType(resources, 'AWS::IAM::Role').map(([id, { Properties }]) => [`${part}/${plainId(id)}`, Properties] as const),
  );

  it('is the only one on the path that the audit key lets in', () => {
    const onPath = roles.filter(([, { Path }]) => String(Path).startsWith('/tandem/example/audit-export/'));
    expect(onPath.map(([who]) => who)).toEqual(['Audit/ExportRole']);
  });

  it('is for people of the account with a second factor, and for no service', () => {
    const { AssumeRolePolicyDocument } = Object.fromEntries(roles)['Audit/ExportRole'] ?? {};
    const account = {
      'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':root']],
    };
    expect((AssumeRolePolicyDocument as PolicyDocument).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: account },
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      },
    ]);
  });

  it('is taken on by no function: none may take on a role', () => {
    expect(whoMay(['sts:AssumeRole', 'iam:PassRole', 'iam:AttachRolePolicy'], 'any role')).toEqual([]);
  });
});

describe('the audit table', () => {
  it('is changed by nobody: a record is put there and stays', () => {
    const changing = [
      'BatchWriteItem',
      'DeleteItem',
      'DeleteResourcePolicy',
      'DeleteTable',
      'PartiQLDelete',
      'PartiQLInsert',
      'PartiQLUpdate',
      'PutResourcePolicy',
      'UpdateItem',
      'UpdateTable',
      'UpdateTimeToLive',
    ].map((action) => `dynamodb:${action}`);
    expect(whoMay(changing, 'AuditTable')).toEqual([]);
  });

  it('is read by the export, and by the comparison with the states, which cannot open a record', () => {
    const reading = ['BatchGetItem', 'GetItem', 'PartiQLSelect', 'Query', 'Scan'].map((action) => `dynamodb:${action}`);
    expect(whoMay(reading, 'AuditTable').toSorted()).toEqual([
      'Audit/ExportPolicy: dynamodb:Query',
      'Audit/ReconcileWorkflowPolicy: dynamodb:Query',
    ]);
    expect(whoMay(['dynamodb:PutItem'], 'AuditTable')).not.toContainEqual(expect.stringContaining('Reconcile'));
  });
});

describe('signing a seal', () => {
  it('is the right of the sealer, and of nobody else', () => {
    expect(whoMay(['kms:Sign', 'kms:CreateGrant', 'kms:PutKeyPolicy'], 'Keyssigning')).toEqual([
      'Audit/SealWorkflowPolicy: kms:Sign',
    ]);
  });

  it('is refused by the key itself to everybody else, whatever IAM allows them', () => {
    expect(whereAllowed('signing', 'kms:Sign')).toEqual([
      ['OnlyTheSealerSigns', { ArnLike: { 'aws:PrincipalArn': rolePath('functions/sealer') } }],
    ]);
    expect(whereAllowed('signing', 'kms:CreateGrant')).toEqual([]);
  });
});
