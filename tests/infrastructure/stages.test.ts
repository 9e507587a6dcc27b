import { describe, expect, it } from 'vitest';
import {
  exampleDeployment,
  localDeployment,
  outputsOf,
  type Resources,
  resourcesOf,
  runningIn,
  synthesized,
} from './synthesis.ts';

const example = synthesized(exampleDeployment);
// In the same place, so that the stage alone makes the difference.
const local = synthesized({ ...exampleDeployment, stage: localDeployment.stage });

/** Types that lose something when they are deleted. */
const stateful = /^AWS::(DynamoDB|KMS|S3|RDS|EFS|Cognito)::/;

/** Properties that are names in the account, or in all of AWS. */
const nameProperty = /^(Name|.*Name|AliasName|DisplayName)$/;
const notOwnName = new Set(['IndexName', 'AttributeName', 'EventBusName', 'FunctionName', 'MetricName', 'GroupName']);

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && nameProperty.test(key) && !notOwnName.has(key) && key !== 'Dimensions'
      ? [inner]
      : namesIn(inner),
  );
}

/** Physical names only, without metrics' dimensions and ways of recovery, which are called Name too. */
function physicalNames(resources: Resources): string[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => {
    const { Dimensions: _, AccountRecoverySetting: __, ...properties } = Properties;
    // Its names are those of one user pool.
    return Type === 'AWS::Cognito::UserPoolResourceServer' ? [] : namesIn(properties);
  });
}

describe('an update never threatens data', () => {
  it('because all that holds any is in the stack of data, and stays when the stack goes', () => {
    const policies = Object.values(resourcesOf(example.data)).map(
      ({ Type, DeletionPolicy }) => `${Type} ${DeletionPolicy}`,
    );
    expect([...new Set(policies)].toSorted()).toEqual([
      'AWS::Cognito::UserPool Retain',
      // Addresses, groups and clients of a pool hold nobody, and can be made again.
      'AWS::Cognito::UserPoolClient undefined',
      'AWS::Cognito::UserPoolDomain undefined',
      'AWS::Cognito::UserPoolGroup undefined',
      'AWS::Cognito::UserPoolResourceServer undefined',
      'AWS::DynamoDB::GlobalTable Retain',
      // A name of a key, which can be given again.
      'AWS::KMS::Alias undefined',
      'AWS::KMS::Key Retain',
      'AWS::S3::Bucket Retain',
      // Says what nobody may do to a bucket, and can be said again.
      'AWS::S3::BucketPolicy undefined',
    ]);
    for (const { Type } of Object.values(runningIn(example))) expect(Type).not.toMatch(stateful);
  });

  it('because CloudFormation refuses to take away what another stack uses', () => {
    for (const stack of [example.events, example.scan, example.audit]) {
      expect(JSON.stringify(resourcesOf(stack))).toContain('"Fn::ImportValue":"Tandem-example-Data:');
      expect(JSON.stringify(resourcesOf(stack))).not.toContain('Fn::GetStackOutput');
    }
  });
});

describe('two stages side by side', () => {
  it('have no physical name in common', () => {
    const names = (templates: typeof example) => [
      ...physicalNames(resourcesOf(templates.data)),
      ...physicalNames(runningIn(templates)),
    ];
    const first = names(example);
    const second = new Set(names(synthesized({ ...exampleDeployment, stage: 'second' })));
    expect(first.length).toBeGreaterThan(15);
    expect(first.filter((name) => second.has(name))).toEqual([]);
  });

  it('have their stage on every resource that can carry a tag', () => {
    const bus = Object.values(resourcesOf(example.events)).find(({ Type }) => Type === 'AWS::Events::EventBus');
    expect(bus?.Properties['Tags']).toEqual([{ Key: 'tandem:stage', Value: 'example' }]);
  });
});

describe('the local stage', () => {
  it('is the real one, except that nothing outlives it and neither scan nor seal starts by itself', () => {
    const differences = [
      ...differencesOf(resourcesOf(example.data), resourcesOf(local.data)),
      ...differencesOf(runningIn(example), runningIn(local)),
    ];
    expect([...new Set(differences)].toSorted()).toEqual([
      'AWS::Cognito::UserPool DeletionPolicy',
      'AWS::Cognito::UserPool Properties.DeletionProtection',
      'AWS::Cognito::UserPool UpdateReplacePolicy',
      'AWS::DynamoDB::GlobalTable DeletionPolicy',
      'AWS::DynamoDB::GlobalTable Properties.Replicas.0.DeletionProtectionEnabled',
      'AWS::DynamoDB::GlobalTable UpdateReplacePolicy',
      // The emulator knows no second factor.
      'AWS::IAM::Role Properties.AssumeRolePolicyDocument.Statement.0.Condition',
      'AWS::KMS::Key DeletionPolicy',
      'AWS::KMS::Key Properties.PendingWindowInDays',
      'AWS::KMS::Key UpdateReplacePolicy',
      'AWS::Logs::LogGroup DeletionPolicy',
      'AWS::Logs::LogGroup UpdateReplacePolicy',
      'AWS::S3::Bucket DeletionPolicy',
      'AWS::S3::Bucket UpdateReplacePolicy',
      // The emulator's clock is UTC.
      'AWS::Scheduler::Schedule Properties.State',
    ]);
  });

  it('cannot land in a real account', () => {
    expect(localDeployment).toMatchObject({ account: '000000000000', region: 'eu-north-1' });
  });
});

/** Where two stages differ in more than the stage's name: the type and the path in it. */
function differencesOf(a: Resources, b: Resources): string[] {
  const [first, second] = [withoutNames(a), withoutNames(b)];
  expect(Object.keys(second)).toEqual(Object.keys(first));
  return Object.entries(first).flatMap(([id, resource]) => pathsThatDiffer(resource, second[id], resource.Type));
}

/** The CDK repeats the stack's name in some ids, and hashes it into others. */
function withoutNames(resources: Resources): Resources {
  const text = JSON.stringify(resources);
  const withoutAssets = text.replace(/[0-9a-f]{64}/g, 'asset');
  return JSON.parse(withoutAssets.replace(/example|local/g, 'stage').replace(/[0-9A-F]{8}/g, '')) as Resources;
}

function pathsThatDiffer(a: unknown, b: unknown, path: string): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const at = path.includes(' ') ? `${path}.` : `${path} `;
  return [...keys].flatMap((key) =>
    pathsThatDiffer((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], `${at}${key}`),
  );
}

describe('the outputs that commands and docs rely on', () => {
  it('have their names', () => {
    expect(outputsOf(example.data).filter((name) => !name.startsWith('ExportsOutput'))).toEqual([
      'CareTable',
      'AuditTable',
      'CareKeyArn',
      'AuditKeyArn',
      'IdentityKeyArn',
      'SigningKeyArn',
      'LogBucket',
      'StagingBucket',
      'UserPoolId',
      'VendorPoolId',
      'VendorClientId',
      'VendorTokenUrl',
    ]);
    expect(outputsOf(example.events).filter((name) => !name.startsWith('ExportsOutput'))).toEqual([
      'BusName',
      'EventsQueueUrl',
      'EventsDeadLetterQueueUrl',
      'EventIntakeFunction',
      'CanaryFunction',
      'OperationsTopicArn',
    ]);
    expect(outputsOf(example.scan)).toEqual(['NightlyRiskScanArn', 'RiskScanFunction', 'ScanWatchdogFunction']);
    expect(outputsOf(example.audit)).toEqual([
      'AuditSealArn',
      'AuditSealFunction',
      'AuditReconcileFunction',
      'LogOrigin',
      'AuditExportRoleArn',
    ]);
  });
});
