import { readFileSync } from 'node:fs';
import type { App } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { acknowledge, acknowledgedIn, acknowledgements } from '../../lib/acknowledgements.ts';
import { AlertsStack } from '../../lib/alerts-stack.ts';
import { ApiStack } from '../../lib/api-stack.ts';
import { AuditStack } from '../../lib/audit-stack.ts';
import { BackupStack } from '../../lib/backup-stack.ts';
import { DataStack } from '../../lib/data-stack.ts';
import { EventsStack } from '../../lib/events-stack.ts';
import { RemindersStack } from '../../lib/reminders-stack.ts';
import { ScanStack } from '../../lib/scan-stack.ts';
import { addTandem, checkWithNag } from '../../lib/tandem.ts';
import { exampleDeployment, localDeployment, testApp } from './synthesis.ts';

describe('the HIPAA and AwsSolutions rules of cdk-nag', () => {
  const traced = { ...exampleDeployment, stage: 'traced', tracing: true };
  it.each([exampleDeployment, localDeployment, traced])('have no finding in stage $stage', (deployment) => {
    const app = testApp();
    addTandem(app, deployment);
    expect(() => app.synth()).not.toThrow();
  });

  it.each(['data', 'events', 'scan', 'audit', 'alerts', 'reminders', 'api'] as const)(
    'fail the synthesis on a finding in the stack of %s',
    (place) => {
      const app = testApp();
      new Queue(addTandem(app, exampleDeployment)[place], 'Planted');
      expect(() => app.synth()).toThrow(/AwsSolutions-SQS3/);
    },
  );
});

describe('an acknowledged finding', () => {
  it('is one of seventy-seven: another one is for a person to weigh', () => {
    const counted = Object.groupBy(acknowledgements, ({ rule }) => withoutPack(rule));
    expect(Object.fromEntries(Object.entries(counted).map(([rule, all]) => [rule, all?.length]))).toEqual({
      'AwsSolutions-APIG4': 7,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]': 1,
      'AwsSolutions-IAM5[Resource::*]': 5,
      'AwsSolutions-IAM5[Resource::arn:aws:cloudformation:us-east-1:<AWS::AccountId>:stack/Tandem-example-*]': 1,
      'AwsSolutions-IAM5[Resource::arn:aws:sns:us-east-1:<AWS::AccountId>:Tandem-example-mail-*]': 1,
      'AwsSolutions-IAM5[Resource::arn:aws:sns:us-east-1:<AWS::AccountId>:Tandem-example-staff-*]': 3,
      'AwsSolutions-IAM5[Resource::Data:ExportsOutputFnGetAttAuditLogPublishedEC9FBC75Arn69A320FE/*]': 2,
      'AwsSolutions-IAM5[Resource::Data:ExportsOutputFnGetAttAuditLogStagingAF649F58Arn99E86E31/*]': 1,
      'AwsSolutions-S1': 2,
      'AwsSolutions-SF2': 4,
      'AwsSolutions-SQS3': 5,
      'HIPAA.Security-LambdaConcurrency': 14,
      'HIPAA.Security-LambdaDLQ': 10,
      'HIPAA.Security-LambdaInsideVPC': 14,
      'HIPAA.Security-S3BucketLoggingEnabled': 2,
      'HIPAA.Security-S3BucketReplicationEnabled': 2,
      'HIPAA.Security-S3BucketVersioningEnabled': 1,
      'HIPAA.Security-S3DefaultEncryptionKMS': 2,
    });
  });

  it('carries a reason that says what stands in its place', () => {
    for (const { reason } of acknowledgedIn({ tracing: true })) expect(reason.length).toBeGreaterThan(100);
  });

  it('cannot outlive the resource it was for', () => {
    expect(() => acknowledge({ Events: new Construct(testApp(), 'Empty') }, exampleDeployment)).toThrow(
      /nothing is there/,
    );
  });

  it.each([{ tracing: false }, { tracing: true }])(
    'is a finding indeed: without acknowledgements these are the findings, and no others ($tracing)',
    ({ tracing }) => {
      const app = testApp({ '@aws-cdk/core:failSynthOnValidationErrors': false });
      const env = { region: 'us-east-1' };
      const deployment = { ...exampleDeployment, tracing };
      const data = new DataStack(app, 'Data', { deployment, env });
      const { topic, bus } = new EventsStack(app, 'Events', { deployment, data, env });
      new ScanStack(app, 'Scan', { deployment, data, topic, env });
      new AlertsStack(app, 'Alerts', { deployment, data, topic, pageUrl: 'https://care.example.org', env });
      new RemindersStack(app, 'Reminders', { deployment, data, topic, env });
      new AuditStack(app, 'Audit', { deployment, data, topic, env });
      new BackupStack(app, 'Backup', { deployment, data, topic, env });
      new ApiStack(app, 'Api', { deployment, data, topic, bus, env });
      checkWithNag(app);
      // A resource can have more than one reason for the same finding.
      const acknowledged = new Set(
        acknowledgedIn({ tracing }).map(({ rule, path }) => `${withoutPack(rule)} at ${path}`),
      );
      expect(findings(app)).toEqual([...acknowledged].toSorted());
    },
  );
});

/** A report names a rule without its pack, whose name the rule's own begins with anyway. */
function withoutPack(rule: string): string {
  return rule
    .replace(/^\w[\w.]*::/, '')
    .replace('{Data}', 'Data')
    .replace('{place}', 'us-east-1:<AWS::AccountId>')
    .replace('{stage}', 'Tandem-example');
}

function findings(app: App): string[] {
  const report: unknown = JSON.parse(readFileSync(`${app.synth().directory}/validation-report.json`, 'utf8'));
  const { pluginReports } = report as {
    pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[] }[];
  };
  return pluginReports
    .flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
      ),
    )
    .toSorted();
}
