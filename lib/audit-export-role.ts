import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { dueIndex } from './care-table.ts';
import type { DataStack } from './data-stack.ts';
import { mayDecide } from './deciding.ts';
import { auditExportRolePath, type Deployment, isLocal, stageName } from './deployment.ts';
import { mayQueryIndex } from './grants.ts';

export interface AuditExportRoleProps {
  /** Stage, which is part of the role's path. */
  readonly deployment: Deployment;
  /** Tables, keys and the log. */
  readonly data: DataStack;
}

/**
 * What the clinic's people take on to read the audit: `tandem audit export` and the compliance officer's questions. The audit key
 * opens records for nobody else. It may read both tables and the log and write what a decision writes, since every question is
 * itself a record of the chain it is about. It can change or delete no record, sign nothing, and start nothing.
 */
export class AuditExportRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { deployment, data }: AuditExportRoleProps) {
    super(scope, id);
    const path = auditExportRolePath(deployment);
    const policy = new ManagedPolicy(this, 'Policy', {
      path,
      description: 'What somebody who exports the audit may do',
      statements: [
        ...mayDecide(data, ['dynamodb:GetItem', 'dynamodb:Query']),
        mayQueryIndex('Everybody', data.careTable.table, dueIndex),
        ...this.#mayReadRecords(data),
        ...this.#mayReadLog(data),
        this.#mayFindStacks(deployment),
      ],
    });
    // The emulator knows no second factor: with the condition nobody there could take the role on.
    const secondFactor = isLocal(deployment) ? {} : { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    this.role = new Role(this, 'Role', {
      path,
      description: 'Reads the audit of this stage: for people, with a second factor',
      // The account means: whoever its IAM lets. Who that is, is the clinic's to say.
      assumedBy: new AccountRootPrincipal().withConditions(secondFactor),
      managedPolicies: [policy],
    });
  }

  #mayReadRecords({ keys, auditTable: { table } }: DataStack): PolicyStatement[] {
    return [
      new PolicyStatement({ sid: 'Records', actions: ['dynamodb:Query'], resources: [table.tableArn] }),
      new PolicyStatement({ sid: 'OpenRecords', actions: ['kms:Decrypt'], resources: [keys.audit.keyArn] }),
      // A patient is named by the vendor's id.
      new PolicyStatement({ sid: 'OwnIds', actions: ['kms:GenerateMac'], resources: [keys.identity.keyArn] }),
    ];
  }

  #mayReadLog({ keys, auditLog: { published } }: DataStack): PolicyStatement[] {
    return [
      new PolicyStatement({ sid: 'Log', actions: ['s3:GetObject'], resources: [published.arnForObjects('*')] }),
      // Without it S3 answers for what is not there as for what may not be read.
      new PolicyStatement({ sid: 'SeeWhatIsThere', actions: ['s3:ListBucket'], resources: [published.bucketArn] }),
      new PolicyStatement({ sid: 'SealKey', actions: ['kms:GetPublicKey'], resources: [keys.signing.keyArn] }),
    ];
  }

  /** The command line finds tables and keys by the outputs of the stage's stacks. */
  #mayFindStacks(deployment: Deployment): PolicyStatement {
    const stacks = Stack.of(this).formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `${stageName(deployment)}-*`,
    });
    return new PolicyStatement({ sid: 'Stacks', actions: ['cloudformation:DescribeStacks'], resources: [stacks] });
  }
}
