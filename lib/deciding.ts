import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { DataStack } from './data-stack.ts';
import { mayUseTable } from './grants.ts';

/** What a function that commits decisions is told of tables and keys. */
export function tableEnvironment({ keys, careTable, auditTable }: DataStack): Record<string, string> {
  return {
    CARE_TABLE: careTable.table.tableName,
    AUDIT_TABLE: auditTable.table.tableName,
    CARE_KEY_ARN: keys.care.keyArn,
    AUDIT_KEY_ARN: keys.audit.keyArn,
  };
}

/**
 * May read as it says and commit decisions: state and record, in one transaction. A chain gets its keys at its first record,
 * which an event, a night, a list or a refusal may be.
 */
export function mayDecide({ keys, careTable, auditTable }: DataStack, reads: string[]): PolicyStatement[] {
  return [
    ...mayUseTable('Care', careTable.table, keys.care, [...reads, 'dynamodb:PutItem']),
    ...mayUseTable('Audit', auditTable.table, keys.audit, ['dynamodb:PutItem']),
    new PolicyStatement({
      sid: 'ChainKeys',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [keys.care.keyArn],
    }),
    new PolicyStatement({ sid: 'ChainAuditKeys', actions: ['kms:Encrypt'], resources: [keys.audit.keyArn] }),
  ];
}
