import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct, IConstruct } from 'constructs';

/** A table as functions use it: the one this stage has made, or one that was restored to take its place. */
export interface TableInUse extends IConstruct {
  readonly tableName: string;
  readonly tableArn: string;
  /** undefined: it has no stream. */
  readonly tableStreamArn?: string | undefined;
}

/** A table that was restored. It is not the stack's: neither changed nor deleted by a deployment. */
export function restoredTable(scope: Construct, tableName: string, tableStreamArn?: string): TableInUse {
  return TableV2.fromTableAttributes(scope, 'Restored', {
    tableName,
    ...(tableStreamArn !== undefined && { tableStreamArn }),
  });
}
