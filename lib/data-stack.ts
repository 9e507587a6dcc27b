import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AuditLog } from './audit-log.ts';
import { AuditTable } from './audit-table.ts';
import { CareTable } from './care-table.ts';
import type { Deployment } from './deployment.ts';
import { Keys } from './keys.ts';

export interface DataStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
}

/** What must never be lost. It changes rarely, and stays when everything else is deployed anew. */
export class DataStack extends Stack {
  readonly keys: Keys;
  readonly careTable: CareTable;
  readonly auditTable: AuditTable;
  readonly auditLog: AuditLog;

  constructor(scope: Construct, id: string, { deployment, ...props }: DataStackProps) {
    super(scope, id, props);
    this.keys = new Keys(this, 'Keys', { deployment });
    this.careTable = new CareTable(this, 'CareTable', { deployment, key: this.keys.care });
    this.auditTable = new AuditTable(this, 'AuditTable', { deployment, key: this.keys.audit });
    this.auditLog = new AuditLog(this, 'AuditLog', { deployment });

    const outputs = {
      CareTable: this.careTable.table.tableName,
      AuditTable: this.auditTable.table.tableName,
      CareKeyArn: this.keys.care.keyArn,
      AuditKeyArn: this.keys.audit.keyArn,
      IdentityKeyArn: this.keys.identity.keyArn,
      SigningKeyArn: this.keys.signing.keyArn,
      LogBucket: this.auditLog.published.bucketName,
      StagingBucket: this.auditLog.staging.bucketName,
    };
    for (const [name, value] of Object.entries(outputs)) {
      // CareTable and AuditTable are constructs already, so an output of that name needs another id.
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
