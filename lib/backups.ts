import { Duration, TimeZone } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import {
  AnyPrincipal,
  Effect,
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type Deployment, removalOf, stageName } from './deployment.ts';
import type { TableInUse } from './table-in-use.ts';

export interface BackupsProps {
  /** Stage, time zone, how long backups are kept and how the vault is locked. */
  readonly deployment: Deployment;
  /** Encrypts the vault. */
  readonly key: IKey;
  /** What is kept. */
  readonly tables: readonly TableInUse[];
}

/** How long the lock of a new vault can still be lifted: the shortest that AWS Backup knows. After it, nobody can, AWS included. */
const graceOfLock = Duration.days(3);

/**
 * A copy of each table every night, in a vault whose backups nobody can delete before their time. The tables' own point-in-time
 * recovery is finer, but goes with the table; this stays.
 */
export class Backups extends Construct {
  readonly vault: BackupVault;

  constructor(scope: Construct, id: string, { deployment, key, tables }: BackupsProps) {
    super(scope, id);
    const kept = Duration.days(deployment.backup.keepDays);
    this.vault = new BackupVault(this, 'Vault', {
      backupVaultName: `${stageName(deployment)}-Tables`,
      encryptionKey: key,
      removalPolicy: removalOf(deployment),
      accessPolicy: new PolicyDocument({ statements: [deletionDenied()] }),
      lockConfiguration: {
        minRetention: kept,
        // Nothing may be kept for good either, or an erased patient would stay. The two may not be the same.
        maxRetention: kept.plus(Duration.days(1)),
        ...(deployment.backup.lock === 'compliance' && { changeableFor: graceOfLock }),
      },
    });
    const [hour, minute] = deployment.backup.at.split(':');
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: stageName(deployment),
      backupVault: this.vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'EveryNight',
          scheduleExpression: Schedule.cron({ minute: String(Number(minute)), hour: String(Number(hour)) }),
          scheduleExpressionTimezone: TimeZone.of(deployment.timeZone),
          startWindow: Duration.hours(1),
          completionWindow: Duration.hours(6),
          deleteAfter: kept,
        }),
      ],
    });
    plan.addSelection('Tables', {
      resources: tables.map((table) => BackupResource.fromArn(table.tableArn)),
      role: new Role(this, 'Role', {
        path: `/tandem/${deployment.stage}/backup/`,
        description: 'AWS Backup, for the tables of this stage',
        assumedBy: new ServicePrincipal('backup.amazonaws.com'),
        managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSBackupServiceRolePolicyForBackup')],
      }),
    });
  }
}

/** Until the lock cannot be lifted any more, and for a vault in governance mode: to delete, somebody has to change this policy first. */
function deletionDenied(): PolicyStatement {
  return new PolicyStatement({
    sid: 'KeepUntilExpiry',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle'],
    resources: ['*'],
  });
}
