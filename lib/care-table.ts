import { AttributeType, ProjectionType, StreamViewType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { protectedTable } from './protected-table.ts';
import { restoredTable, type TableInUse } from './table-in-use.ts';

export interface CareTableProps {
  /** Stage and whether the table outlives the stack. */
  readonly deployment: Deployment;
  /** Encrypts the table at rest. */
  readonly key: IKey;
}

/** The index of everything that has a moment at which it must be looked at again. */
export const dueIndex = 'due';

/** Patients' states, events, alerts and reminders, each patient under their own partition. */
export class CareTable extends Construct {
  /** The table of this stage. Where another was restored in its place, it stays, and nothing uses it. */
  readonly made: TableV2;
  readonly table: TableInUse;

  constructor(scope: Construct, id: string, { deployment, key }: CareTableProps) {
    super(scope, id);
    this.made = protectedTable(this, 'Table', {
      deployment,
      key,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        {
          indexName: dueIndex,
          partitionKey: { name: 'dueKind', type: AttributeType.STRING },
          sortKey: { name: 'dueAt', type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
      timeToLiveAttribute: 'expiresAt',
      // Says which item has changed, and nothing of what is in it.
      dynamoStream: StreamViewType.KEYS_ONLY,
    });
    const { care, careStream } = deployment.tables;
    this.table = care === undefined ? this.made : restoredTable(this, care, careStream);
  }
}
