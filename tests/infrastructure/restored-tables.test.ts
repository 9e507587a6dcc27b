import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../functions/domain/clinic.ts';
import { deploymentOf } from '../../lib/deployment.ts';
import { addTandem } from '../../lib/tandem.ts';
import { exampleClinic } from '../example-clinic.ts';
import { exampleDeployment, ofType, only, resourcesOf, testApp } from './synthesis.ts';

const careStream = 'arn:aws:dynamodb:us-east-1:123456789012:table/care-restored/stream/2026-03-02T09:00:00.000';
const tables = { care: 'care-restored', careStream, audit: 'audit-restored' };
const { settings } = exampleClinic;
const restored = deploymentOf({
  ...exampleClinic,
  settings: { ...settings, deployment: { ...settings.deployment, tables } },
});

const templatesOf = (deployment: typeof exampleDeployment) => {
  const { data, events, alerts, backup } = addTandem(testApp(), deployment);
  if (backup === undefined) throw new Error('this stage has no backups');
  const template = (stack: typeof data | typeof events | typeof alerts | typeof backup) => Template.fromStack(stack);
  return { data: template(data), events: template(events), alerts: template(alerts), backup: template(backup) };
};

describe('tables that were restored', () => {
  const [before, after] = [templatesOf(exampleDeployment), templatesOf(restored)];

  it('are what functions read and write, follow and back up', () => {
    const { Variables } = only(resourcesOf(after.events), 'AWS::Lambda::Function', 'IntakeWorkflowFunction')[
      'Environment'
    ] as {
      Variables: object;
    };
    expect(Variables).toMatchObject({ CARE_TABLE: 'care-restored', AUDIT_TABLE: 'audit-restored' });
    const sources = ofType(resourcesOf(after.alerts), 'AWS::Lambda::EventSourceMapping');
    expect(sources.map(([, { Properties }]) => Properties['EventSourceArn'])).toEqual([careStream]);
    const selection = JSON.stringify(only(resourcesOf(after.backup), 'AWS::Backup::BackupSelection'));
    expect(selection).toContain('table/care-restored');
    expect(selection).toContain('table/audit-restored');
    expect(JSON.stringify(resourcesOf(after.events))).not.toContain('ExportsOutputRefCareTable');
  });

  it('leave the old ones where they are, and take no export away from a stack that still imports it', () => {
    const idsOf = ({ data }: typeof after) => ofType(resourcesOf(data), 'AWS::DynamoDB::GlobalTable').map(([id]) => id);
    expect(idsOf(after)).toEqual(idsOf(before));
    const exportsOf = ({ data }: typeof after) =>
      Object.keys(data.toJSON()['Outputs'] as object).filter((name) => name.startsWith('Exports'));
    expect(exportsOf(after)).toEqual(expect.arrayContaining(exportsOf(before)));
  });

  it.each([{ care: 'care-restored' }, { careStream }, { care: 'a b', careStream }])(
    'are refused where a line is missing or wrong: %j',
    (some) => {
      const { deployment } = settings;
      expect(settingsSchema.safeParse({ ...settings, deployment: { ...deployment, tables: some } }).success).toBe(
        false,
      );
    },
  );
});
