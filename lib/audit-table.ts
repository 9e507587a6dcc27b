import { AttributeType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { protectedTable } from './protected-table.ts';
import { restoredTable, type TableInUse } from './table-in-use.ts';

export interface AuditTableProps {
  /** Stage and whether the table outlives the stack. */
  readonly deployment: Deployment;
  /** Encrypts the table at rest. */
  readonly key: IKey;
}

/** Every way to change or remove an item. A batch write can delete, so it is one of them. */
const changes = [
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLUpdate',
  'dynamodb:UpdateItem',
];

/**
 * The audit chains. The table itself refuses every change to a record, to administrators too: to lift that, somebody has to
 * change this policy, which CloudTrail records. Left is PutItem over an existing record, which no policy can tell from a
 * new one: the condition in the one place that writes prevents it, and the chain's hashes show it.
 */
export class AuditTable extends Construct {
  /** The table of this stage. Where another was restored in its place, it stays, and nothing uses it. */
  readonly made: TableV2;
  readonly table: TableInUse;

  constructor(scope: Construct, id: string, { deployment, key }: AuditTableProps) {
    super(scope, id);
    this.made = protectedTable(this, 'Table', {
      deployment,
      key,
      partitionKey: { name: 'chain', type: AttributeType.STRING },
      sortKey: { name: 'sequence', type: AttributeType.NUMBER },
      deniedToAll: changes,
    });
    const { audit } = deployment.tables;
    this.table = audit === undefined ? this.made : restoredTable(this, audit);
  }
}
