import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AuditLog } from './audit-log.ts';
import { AuditTable } from './audit-table.ts';
import { CareTable } from './care-table.ts';
import type { Deployment } from './deployment.ts';
import { streamOf } from './grants.ts';
import { Keys } from './keys.ts';
import { StaffDirectory } from './sign-in.ts';
import { VendorClient } from './vendor-client.ts';

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
  /** undefined: the clinic has a sign-in of its own. */
  readonly directory: StaffDirectory | undefined;
  /** The programme's server, as it may send events over HTTPS. */
  readonly vendor: VendorClient;

  constructor(scope: Construct, id: string, { deployment, ...props }: DataStackProps) {
    super(scope, id, props);
    this.keys = new Keys(this, 'Keys', { deployment });
    this.careTable = new CareTable(this, 'CareTable', { deployment, key: this.keys.care });
    this.auditTable = new AuditTable(this, 'AuditTable', { deployment, key: this.keys.audit });
    this.auditLog = new AuditLog(this, 'AuditLog', { deployment });
    this.directory = deployment.signIn === null ? new StaffDirectory(this, 'Staff', { deployment }) : undefined;
    this.vendor = new VendorClient(this, 'Vendor', { deployment });

    // Kept among the exports when a restored table takes over: CloudFormation removes none that another stack still imports.
    const { made: care } = this.careTable;
    const { made: audit } = this.auditTable;
    for (const value of [care.tableName, care.tableArn, streamOf(care), audit.tableName, audit.tableArn])
      this.exportValue(value);

    const outputs = {
      CareTable: this.careTable.table.tableName,
      AuditTable: this.auditTable.table.tableName,
      CareKeyArn: this.keys.care.keyArn,
      AuditKeyArn: this.keys.audit.keyArn,
      IdentityKeyArn: this.keys.identity.keyArn,
      SigningKeyArn: this.keys.signing.keyArn,
      LogBucket: this.auditLog.published.bucketName,
      StagingBucket: this.auditLog.staging.bucketName,
      ...(this.directory === undefined ? {} : { UserPoolId: this.directory.pool.userPoolId }),
      VendorPoolId: this.vendor.pool.userPoolId,
      VendorClientId: this.vendor.client.userPoolClientId,
      VendorTokenUrl: this.vendor.tokenUrl,
    };
    for (const [name, value] of Object.entries(outputs)) {
      // CareTable and AuditTable are constructs already, so an output of that name needs another id.
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
