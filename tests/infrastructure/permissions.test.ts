import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documentedDeployment, documentedRegion, permissionDocument } from '../../bin/permission-docs.ts';
import { rightsFromResources } from '../../bin/permissions/from-resources.ts';
import { type Role, rolesOf } from '../../bin/permissions/roles.ts';
import { policySchema, rightsOf } from '../../bin/permissions/statements.ts';
import { type StackTemplate, templatesOf } from '../../bin/permissions/templates.ts';
import { listOf, only, type Resources } from './synthesis.ts';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

// Every stack: what a stack that is not looked at allows would be nobody's rule to break.
const templates = templatesOf(documentedDeployment());
const roles = rolesOf(templates, documentedRegion);
const data: Resources = templates.find(({ part }) => part === 'Data')?.resources ?? {};

const isFunction = ({ takenOnBy }: Role) => takenOnBy.startsWith('lambda.');

/** Each role's rights one by one: "dynamodb:GetItem on Data/CareTable/Table", with its condition. */
const rows = roles.flatMap((role) =>
  role.rights.flatMap(({ effect, actions, on, onlyIf }) =>
    actions.map((action) => ({ role, effect, action, on, onlyIf, row: `${action} on ${on}` })),
  ),
);

/** The names of those who may, such as "event-intake"; places of those that are no functions. */
function whoMay(action: RegExp, on: RegExp): string[] {
  const found = rows.filter((one) => action.test(one.action) && on.test(one.on)).map(({ role }) => role);
  return [...new Set(found)].map(({ what, place }) => (/^The function (.*)$/.exec(what) ?? [])[1] ?? place);
}

describe('every role', () => {
  it('may do exactly what docs/permissions.md says: npx node bin/permission-docs.ts writes it anew, for review', () => {
    const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
    expect(page).toBe(permissionDocument(templates));
  });

  it('is one of a function, a workflow, a schedule, AWS Backup or the people who export the audit', () => {
    const own = templates.flatMap(({ resources }) => Object.values(resources));
    const withRole = ['AWS::Lambda::Function', 'AWS::StepFunctions::StateMachine', 'AWS::Scheduler::Schedule'];
    expect(own.filter(({ Type }) => withRole.includes(Type)).length).toBe(roles.length - 2);
    expect(
      roles.filter(({ what }) => !/^The (function|workflow|schedule)\b/.test(what)).map(({ place }) => place),
    ).toEqual(['Audit/Export/Role', 'Backup/Backups/Role']);
  });

  it('has its one policy, and nobody else has a right by IAM', () => {
    const iam = templates.flatMap(({ resources }) =>
      Object.values(resources).filter(({ Type }) => Type.startsWith('AWS::IAM::')),
    );
    const counted = iam.map(
      ({ Type, Properties: { ManagedPolicyArns, Policies } }) =>
        `${Type}: ${listOf(ManagedPolicyArns as unknown[]).length} attached, ${listOf(Policies as unknown[]).length} of its own`,
    );
    expect([...new Set(counted)].toSorted()).toEqual([
      'AWS::IAM::ManagedPolicy: 0 attached, 0 of its own',
      'AWS::IAM::Role: 1 attached, 0 of its own',
    ]);
  });

  it('is allowed no wildcard action, and no wildcard resource except where AWS knows no other', () => {
    const own = rows.filter(({ role }) => role.place !== 'Backup/Backups/Role');
    for (const { effect, action } of own) {
      expect(effect).toBe('Allow');
      expect(action).toMatch(/^[\w-]+:\w+$/);
    }
    const wide = own.filter(({ on }) => on.includes('*') || on.includes('all but'));
    const onWhat = new Map(
      wide.map(({ on }) => [on, new Set(wide.filter((one) => one.on === on).map((one) => one.action))]),
    );
    expect(Object.fromEntries([...onWhat].map(([on, actions]) => [on, [...actions].toSorted()]))).toEqual({
      // Setting up how a workflow's log is delivered, and what is about a phone number: AWS knows no resource for either.
      '*': [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
        'sms-voice:DescribeOptedOutNumbers',
        'sms-voice:SendTextMessage',
        'sns:CheckIfPhoneNumberIsOptedOut',
      ],
      // Phone numbers: everything that is no topic.
      'all but arn:aws:sns:*:*:*': ['sns:Publish'],
      'Data/AuditLog/Published/*': ['s3:GetObject', 's3:PutObject'],
      'Data/AuditLog/Staging/*': ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      // The ARN of a stack ends in an id that CloudFormation makes up.
      'arn:aws:cloudformation:REGION:ACCOUNT:stack/Tandem-STAGE-*': ['cloudformation:DescribeStacks'],
      'arn:aws:sns:REGION:ACCOUNT:Tandem-STAGE-mail-*': [
        'sns:CreateTopic',
        'sns:DeleteTopic',
        'sns:ListSubscriptionsByTopic',
        'sns:ListTagsForResource',
        'sns:Publish',
        'sns:Subscribe',
        'sns:TagResource',
      ],
      'arn:aws:sns:REGION:ACCOUNT:Tandem-STAGE-staff-*': ['sns:ListSubscriptionsByTopic', 'sns:Publish'],
    });
  });

  it('can be taken on by its one service, by a schedule or workflow of this stage only, or by people with a second factor', () => {
    const trusts = roles.map(({ what, takenOnBy }) => `${what.replace(/^The (\w+).*/, '$1')}: ${takenOnBy}`);
    const ofStage = trusts.map((trust) =>
      trust.replace(/Tandem-STAGE-[a-z-]+/, 'NAME').replace(/\w+\/\w*Schedules/, 'GROUP'),
    );
    expect([...new Set(ofStage)].toSorted()).toEqual([
      'AWS Backup, for the tables of this stage: backup.amazonaws.com',
      'Reads the audit of this stage: for people, with a second factor: the account, only if Bool aws:MultiFactorAuthPresent: true',
      'function: lambda.amazonaws.com',
      'schedule: scheduler.amazonaws.com, only if StringEquals aws:SourceAccount: ACCOUNT; StringEquals aws:SourceArn: GROUP',
      'workflow: states.amazonaws.com, only if ArnEquals aws:SourceArn: arn:aws:states:REGION:ACCOUNT:stateMachine:NAME; StringEquals aws:SourceAccount: ACCOUNT',
    ]);
  });

  it('of a function lies on the path that the key policies call the functions, and no other role does', () => {
    for (const role of roles)
      expect([role.place, role.path.startsWith('/tandem/STAGE/functions/')]).toEqual([role.place, isFunction(role)]);
    expect(roles.filter(({ path }) => path.includes('sealer')).map(({ place }) => place)).toEqual([
      'Audit/Seal/Workflow/Role',
    ]);
  });

  it('but those that decide writes nothing about patients, and what only drives, watches or serves reads what it must', () => {
    const tables = /^Data\/(Care|Audit)Table/;
    const deciding = [
      'event-intake',
      'risk-scan',
      'Audit/Export/Role',
      'alert-sweep',
      'alert-workflow',
      'reminder-round',
    ];
    expect(whoMay(/^dynamodb:PutItem$/, /^Data\/AuditTable/)).toEqual([...deciding, 'api-authorizer', 'alert-api']);
    const keeper = 'audit-seal';
    expect(new Set(whoMay(/^dynamodb:(Put|Update|Delete|BatchWrite)Item$/, tables))).toEqual(
      new Set([...deciding, 'api-authorizer', 'alert-api', keeper]),
    );
    // Its own notes only.
    const ofKeeper = rows.filter(
      ({ role, on }) => role.what === `The function ${keeper}` && on.startsWith('Data/CareTable'),
    );
    expect(ofKeeper.length).toBeGreaterThan(3);
    for (const { onlyIf } of ofKeeper) expect(onlyIf).toMatch(/dynamodb:LeadingKeys: (log|(un)?sealed#\*)$/);
    for (const name of ['console', 'vendor-door'])
      expect(
        roles.find(({ what }) => what === `The function ${name}`)?.rights.filter(({ on }) => on.startsWith('Data/')),
      ).toEqual([]);
  });
});

describe('the list of roles', () => {
  const template = (resources: StackTemplate['resources']): StackTemplate[] => [
    { part: 'Test', resources, exports: new Map(), places: new Map() },
  ];

  it('refuses a right that it would not show: a policy of a user, of nobody, or of a kind it does not know', () => {
    for (const Type of ['AWS::IAM::UserPolicy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::Group'])
      expect(() =>
        rolesOf(template({ Planted: { Type, Properties: { PolicyDocument: { Statement: [] } } } }), 'x'),
      ).toThrow(/gives a right/);
  });

  it('shows rights that stand in a role itself or in a policy beside it, and a policy of AWS by its name', () => {
    const policy = (Action: string) => ({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    const [role] = rolesOf(
      template({
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {
              Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
            },
            Policies: [{ PolicyDocument: policy('s3:GetObject') }],
            ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
          },
        },
        Beside: { Type: 'AWS::IAM::Policy', Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: policy('sqs:*') } },
      }),
      'x',
    );
    expect(role?.rights).toEqual([
      { effect: 'Allow', actions: ['all that ReadOnlyAccess says', 's3:GetObject', 'sqs:*'], on: '*', onlyIf: '' },
    ]);
  });

  it('tells a denial, an exception and a condition from what is simply allowed', () => {
    const { Statement: statements } = policySchema.parse({
      Statement: [
        {
          Effect: 'Deny',
          NotAction: 'kms:Encrypt',
          NotResource: 'this',
          Condition: { Bool: { 'aws:SecureTransport': false } },
        },
      ],
    });
    expect(rightsOf(statements, String)).toEqual([
      {
        effect: 'Deny',
        actions: ['all but kms:Encrypt'],
        on: 'all but this',
        onlyIf: 'Bool aws:SecureTransport: false',
      },
    ]);
  });
});

describe('the audit table', () => {
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

describe('what holds or carries data', () => {
  const own = rightsFromResources(templates, documentedRegion);

  it.each(['DynamoDB::GlobalTable', 'S3::Bucket', 'SNS::Topic', 'SQS::Queue'])(
    'refuses whatever does not come over TLS: each %s',
    (type) => {
      const places = templates.flatMap(({ part, resources, places: placeOf }) =>
        Object.entries(resources).flatMap(([id, { Type }]) =>
          Type === `AWS::${type}` ? [`${part}/${placeOf.get(id)}`] : [],
        ),
      );
      expect(places.length).toBeGreaterThan(1);
      const denied = own.filter(
        ({ effect, who, onlyIf }) =>
          effect === 'Deny' && who === 'everybody' && onlyIf === 'Bool aws:SecureTransport: false',
      );
      expect(places.filter((place) => !denied.some(({ resource, on }) => resource === place || on === place))).toEqual(
        [],
      );
    },
  );

  it('lets in nobody from outside of the account, and a service for this stage’s own things only', () => {
    const denied = own.filter(({ effect }) => effect === 'Deny');
    expect(new Set(denied.map(({ who }) => who))).toEqual(new Set(['everybody']));
    const strangers = own.filter(
      ({ effect, who, onlyIf }) =>
        effect === 'Allow' &&
        who !== 'the account' &&
        !(
          /^[a-z.]*(\.REGION)?\.amazonaws\.com$/.test(who) && /aws:SourceA(rn|ccount): |EncryptionContext:/.test(onlyIf)
        ),
    );
    expect(strangers).toEqual([]);
  });
});

describe('the keys', () => {
  it('never let a function open anything under the audit key, except that DynamoDB reads its table', () => {
    const deny = policyOfKey('audit').find(({ Effect }) => Effect === 'Deny');
    expect(deny?.NotAction).toBe('kms:Encrypt');
    expect(deny?.Principal).toEqual({ AWS: '*' });
    expect(JSON.stringify(deny?.Condition)).toContain(':role/tandem/STAGE/functions/*');
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
