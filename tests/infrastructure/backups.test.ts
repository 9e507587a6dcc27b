import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { deploymentOf } from '../../lib/deployment.ts';
import { addTandem } from '../../lib/tandem.ts';
import { exampleClinic } from '../example-clinic.ts';
import { exampleDeployment, localDeployment, named, ofType, only, resourcesOf, testApp } from './synthesis.ts';

const resources = resourcesOf(templateOf(exampleDeployment));

describe('the backups of the tables', () => {
  it('are made every night, of the care table and of the audit table', () => {
    const { BackupPlanRule } = only(resources, 'AWS::Backup::BackupPlan')['BackupPlan'] as {
      BackupPlanRule: unknown[];
    };
    expect(BackupPlanRule).toEqual([
      expect.objectContaining({
        ScheduleExpression: 'cron(30 4 * * ? *)',
        ScheduleExpressionTimezone: 'America/New_York',
        Lifecycle: { DeleteAfterDays: 35 },
      }),
    ]);
    const { Resources } = only(resources, 'AWS::Backup::BackupSelection')['BackupSelection'] as {
      Resources: unknown[];
    };
    expect(Resources.map(named)).toEqual(['Data: CareTable', 'Data: AuditTable']);
  });

  it('cannot be deleted before their time, and are not kept for good', () => {
    const vault = only(resources, 'AWS::Backup::BackupVault');
    expect(vault['LockConfiguration']).toEqual({ MinRetentionDays: 35, MaxRetentionDays: 36, ChangeableForDays: 3 });
    const { Statement } = vault['AccessPolicy'] as { Statement: object[] };
    expect(Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle'],
      }),
    ]);
    expect(ofType(resources, 'AWS::Backup::BackupVault').map(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual([
      'Retain',
    ]);
  });

  it('lie under a key of their own', () => {
    expect(named(only(resources, 'AWS::Backup::BackupVault')['EncryptionKeyArn'])).toBe('Data: Keysbackup');
  });

  it('follow clinic.yaml: the time, how long, and a lock that can be lifted', () => {
    const { settings } = exampleClinic;
    const backup = { at: '23:05', keepDays: 90, lock: 'governance' as const };
    const clinic = { ...exampleClinic, settings: { ...settings, deployment: { ...settings.deployment, backup } } };
    const other = resourcesOf(templateOf(deploymentOf(clinic)));
    expect(only(other, 'AWS::Backup::BackupVault')['LockConfiguration']).toEqual({
      MinRetentionDays: 90,
      MaxRetentionDays: 91,
    });
    expect(JSON.stringify(only(other, 'AWS::Backup::BackupPlan'))).toContain('cron(5 23 * * ? *)');
  });

  it('sound an alarm when one fails, and when one of the two is missing, each with its page in the runbook', () => {
    const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    expect(
      alarms.map(({ AlarmName, MetricName, Threshold, TreatMissingData }) => [
        AlarmName,
        MetricName,
        Threshold,
        TreatMissingData,
      ]),
    ).toEqual([
      ['Tandem-example-backup-failed', 'NumberOfBackupJobsFailed', 1, 'notBreaching'],
      ['Tandem-example-backup-missing', 'NumberOfBackupJobsCompleted', 2, 'breaching'],
    ]);
    const runbook = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    for (const { AlarmName } of alarms)
      expect(runbook).toContain(`### ${String(AlarmName).replace('Tandem-example-', '')}\n`);
  });

  it('are not of the local stage: the emulator has none', () => {
    expect(addTandem(testApp(), localDeployment).backup).toBeUndefined();
  });
});

function templateOf(deployment: typeof exampleDeployment): Template {
  const { backup } = addTandem(testApp(), deployment);
  if (backup === undefined) throw new Error('this stage has no backups');
  return Template.fromStack(backup);
}
