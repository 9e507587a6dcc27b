import { Billing, TableEncryptionV2, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type Deployment, isLocal, removalOf } from './deployment.ts';

export interface ProtectedTableProps
  extends Pick<
    TablePropsV2,
    'partitionKey' | 'sortKey' | 'globalSecondaryIndexes' | 'timeToLiveAttribute' | 'dynamoStream'
  > {
  /** Stage and whether the table outlives the stack. */
  readonly deployment: Deployment;
  /** Encrypts the table at rest. */
  readonly key: IKey;
  /** What nobody may do to the table's items, whatever IAM allows them. Default: nothing is denied beyond plain HTTP. */
  readonly deniedToAll?: string[];
}

/** A table that cannot be lost by accident: own key, any second of the last 35 days restorable, deletion refused. */
export function protectedTable(scope: Construct, id: string, props: ProtectedTableProps): TableV2 {
  const { deployment, key, deniedToAll = [], ...shape } = props;
  return new TableV2(scope, id, {
    ...shape,
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
    deletionProtection: !isLocal(deployment),
    removalPolicy: removalOf(deployment),
    resourcePolicy: new PolicyDocument({ statements: [denyPlainHttp(), ...denyToAll(deniedToAll)] }),
  });
}

// A table's own policy names it "*": its ARN would be a reference to itself.
const itself = ['*'];

function denyPlainHttp(): PolicyStatement {
  return new PolicyStatement({
    sid: 'OnlyTls',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['dynamodb:*'],
    resources: itself,
    conditions: { Bool: { 'aws:SecureTransport': false } },
  });
}

function denyToAll(actions: string[]): PolicyStatement[] {
  if (actions.length === 0) return [];
  return [
    new PolicyStatement({
      sid: 'AppendOnly',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions,
      resources: itself,
    }),
  ];
}
