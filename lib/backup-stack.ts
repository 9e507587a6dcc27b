import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps } from './alarms.ts';
import { Backups } from './backups.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';

export interface BackupStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** The tables that are kept, and the key of the vault. */
  readonly data: DataStack;
  /** Who hears of what goes wrong. */
  readonly topic: ITopic;
}

/** Copies of the tables that outlive them. The vault stays when the stack goes. */
export class BackupStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, data, topic, ...props }: BackupStackProps) {
    super(scope, id, props);
    // CloudFormation then refuses to remove what this stack uses from the others.
    this.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');

    const { vault } = new Backups(this, 'Backups', {
      deployment,
      key: data.keys.backup,
      tables: [data.careTable.table, data.auditTable.table],
    });
    new BackupAlarms(this, 'Alarms', { deployment, topic, vaultName: vault.backupVaultName });
    new CfnOutput(this, 'BackupVaultOutput', { value: vault.backupVaultName }).overrideLogicalId('BackupVault');
  }
}

interface BackupAlarmsProps extends AlarmsProps {
  readonly vaultName: string;
}

/** What needs a person about the backups. */
class BackupAlarms extends Alarms {
  constructor(scope: Construct, id: string, { vaultName, ...props }: BackupAlarmsProps) {
    super(scope, id, props);
    const inVault = (metricName: string) =>
      new Metric({
        namespace: 'AWS/Backup',
        metricName,
        dimensionsMap: { BackupVaultName: vaultName },
        statistic: Stats.SUM,
        period: Duration.days(1),
      });
    this.add('backup-failed', {
      metric: inVault('NumberOfBackupJobsFailed'),
      meaning: 'The nightly backup of a table failed.',
      remedy: 'See the job in AWS Backup, mend what it names, and start a backup of that table by hand.',
    });
    this.add('backup-missing', {
      metric: inVault('NumberOfBackupJobsCompleted'),
      from: 2,
      whenAbsent: true,
      meaning: 'Within a day not every table was backed up.',
      remedy: 'See the plan and its jobs in AWS Backup, and start a backup of each table by hand.',
    });
  }
}
