import { Aws, Duration, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import {
  auditExportRolePath,
  type Deployment,
  functionRolePath,
  isLocal,
  removalOf,
  rolesOn,
  sealerRolePath,
  stageName,
} from './deployment.ts';

export interface KeysProps {
  /** Stage and whether keys outlive the stack. */
  readonly deployment: Deployment;
}

/** Everything about a key except its use. Listed one by one: `kms:*` would include every use there is. */
const administration = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/** What DynamoDB asks for on behalf of whoever uses a table encrypted with the key (DynamoDB guide, encryption at rest). */
export const tableUse = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** What a service needs to put something under a key and to take it out again. */
const serviceUse = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * The clinic's own keys, one for each thing that somebody may be allowed without the others. A key policy names the
 * account, so that IAM decides who; only what a key is for can be allowed there at all. Who opens the audit
 * and who signs it the keys' own policies say.
 */
export class Keys extends Construct {
  /** Wraps each patient's data key, and encrypts the care table. */
  readonly care: Key;
  /** Wraps each patient's audit key pair, and encrypts the audit table. Functions can write under it and never read; the export's role reads. */
  readonly audit: Key;
  /** HMAC: turns the vendor's ids into Tandem's own. */
  readonly identity: Key;
  /** Encrypts events on their way: the bus and the queues. */
  readonly messages: Key;
  /** Encrypts logs and the operations topic: nothing of a patient. */
  readonly operations: Key;
  /** Encrypts the vault of backups. */
  readonly backup: Key;
  /** Ed25519: signs the seals of the audit. Nobody but the sealer can sign, and nobody can take the private half out. */
  readonly signing: Key;

  readonly #deployment: Deployment;

  constructor(scope: Construct, id: string, { deployment }: KeysProps) {
    super(scope, id);
    this.#deployment = deployment;

    this.care = this.#key('care', 'Data keys of patients, and the care table', [
      ...this.#accountMay(tableUse),
      this.#servicesOfTheAccountMayHoldGrants(),
    ]);
    this.audit = this.#key('audit', 'Audit keys of patients, and the audit table', [
      ...this.#accountMay(['kms:Encrypt']),
      this.#dynamoDBMayUse(),
      this.#onlyRolesOn(auditExportRolePath(deployment), 'OnlyTheExportDecrypts', 'kms:Decrypt'),
      this.#servicesOfTheAccountMayHoldGrants(),
      this.#functionsMayOnlyEncrypt(),
    ]);
    // KMS cannot rotate an HMAC key, and a new one would give every patient a second id: their history would start anew.
    this.identity = this.#key(
      'identity',
      'Own ids for patients and events',
      this.#accountMay(['kms:DescribeKey', 'kms:GenerateMac']),
      {
        keySpec: KeySpec.HMAC_256,
        keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      },
    );
    this.messages = this.#key('messages', 'Events on the bus and in queues', [
      ...this.#accountMay(['kms:DescribeKey', ...serviceUse]),
      ...this.#eventBridgeMayUse(),
    ]);
    this.operations = this.#key('operations', 'Logs and the operations topic', [
      ...this.#accountMay(['kms:DescribeKey', ...serviceUse]),
      this.#logsMayUse(),
      this.#alarmsMayUse(),
    ]);
    this.backup = this.#key('backup', 'Backups of the tables', [
      ...this.#accountMay(tableUse),
      this.#servicesOfTheAccountMayHoldGrants(),
    ]);
    // KMS cannot rotate it. How a new one takes its place stands in docs/audit.md.
    this.signing = this.#key(
      'signing',
      'Signs the seals of the audit',
      [
        ...this.#accountMay(['kms:DescribeKey', 'kms:GetPublicKey']),
        this.#onlyRolesOn(sealerRolePath(deployment), 'OnlyTheSealerSigns', 'kms:Sign'),
      ],
      { keySpec: KeySpec.ECC_NIST_EDWARDS25519, keyUsage: KeyUsage.SIGN_VERIFY },
    );
  }

  #key(
    name: string,
    description: string,
    statements: PolicyStatement[],
    kind: { keySpec?: KeySpec; keyUsage?: KeyUsage } = {},
  ): Key {
    return new Key(this, name, {
      alias: `${stageName(this.#deployment)}/${name}`,
      description,
      policy: new PolicyDocument({ statements }),
      enableKeyRotation: kind.keySpec === undefined,
      removalPolicy: removalOf(this.#deployment),
      pendingWindow: Duration.days(isLocal(this.#deployment) ? 7 : 30),
      ...kind,
    });
  }

  #accountMay(use: string[]): PolicyStatement[] {
    const principals = [new AccountRootPrincipal()];
    return [
      new PolicyStatement({ sid: 'Administer', principals, actions: administration, resources: ['*'] }),
      new PolicyStatement({ sid: 'UseAsIamAllows', principals, actions: use, resources: ['*'] }),
    ];
  }

  /** DynamoDB and AWS Backup keep a table's key usable by a grant. */
  #servicesOfTheAccountMayHoldGrants(): PolicyStatement {
    return new PolicyStatement({
      sid: 'GrantToServices',
      principals: [new AccountRootPrincipal()],
      actions: ['kms:CreateGrant'],
      resources: ['*'],
      conditions: { Bool: { 'kms:GrantIsForAWSResource': true } },
    });
  }

  /** Whoever IAM lets use the table uses its key, but only by way of DynamoDB, which hands out no key of a patient's. */
  #dynamoDBMayUse(): PolicyStatement {
    return new PolicyStatement({
      sid: 'TableAsIamAllows',
      principals: [new AccountRootPrincipal()],
      actions: tableUse,
      resources: ['*'],
      conditions: { StringEquals: { 'kms:ViaService': viaDynamoDB(this) } },
    });
  }

  /** Whatever IAM may come to allow: only a role on this path does it. Not the account's root user either. */
  #onlyRolesOn(path: string, sid: string, action: string): PolicyStatement {
    return new PolicyStatement({
      sid,
      principals: [new AccountRootPrincipal()],
      actions: [action],
      resources: ['*'],
      conditions: { ArnLike: { 'aws:PrincipalArn': rolesOn(this, path) } },
    });
  }

  /** Whatever IAM may come to allow: a function opens nothing under the audit key, except that DynamoDB reads its table. */
  #functionsMayOnlyEncrypt(): PolicyStatement {
    return new PolicyStatement({
      sid: 'FunctionsNeverDecrypt',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      notActions: ['kms:Encrypt'],
      resources: ['*'],
      conditions: {
        ArnLike: { 'aws:PrincipalArn': rolesOn(this, functionRolePath(this.#deployment)) },
        StringNotEquals: { 'kms:ViaService': viaDynamoDB(this) },
      },
    });
  }

  /** EventBridge encrypts what lies on the bus, and what it puts into this stage's queues. */
  #eventBridgeMayUse(): PolicyStatement[] {
    const principals = [new ServicePrincipal('events.amazonaws.com')];
    const stack = Stack.of(this);
    const bus = stack.formatArn({
      service: 'events',
      resource: 'event-bus',
      resourceName: stageName(this.#deployment),
    });
    const queues = stack.formatArn({ service: 'sqs', resource: `${stageName(this.#deployment)}-*` });
    return [
      new PolicyStatement({
        sid: 'EventBridgeDescribe',
        principals,
        actions: ['kms:DescribeKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      new PolicyStatement({
        sid: 'EventBridgeBus',
        principals,
        actions: serviceUse,
        resources: ['*'],
        conditions: { StringEquals: { 'kms:EncryptionContext:aws:events:event-bus:arn': bus } },
      }),
      new PolicyStatement({
        sid: 'EventBridgeQueues',
        principals,
        actions: serviceUse,
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:sqs:arn': queues } },
      }),
    ];
  }

  #logsMayUse(): PolicyStatement {
    const { partition, region } = Stack.of(this);
    return new PolicyStatement({
      sid: 'Logs',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: ['*'],
      conditions: {
        // Any log of the account: CloudFormation makes up the name of a log group.
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${Aws.ACCOUNT_ID}:log-group:*`,
        },
      },
    });
  }

  #alarmsMayUse(): PolicyStatement {
    return new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: serviceUse,
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    });
  }
}

/** The value of `kms:ViaService` where DynamoDB calls KMS for whoever calls DynamoDB. */
export function viaDynamoDB(scope: Construct): string {
  return `dynamodb.${Stack.of(scope).region}.amazonaws.com`;
}
