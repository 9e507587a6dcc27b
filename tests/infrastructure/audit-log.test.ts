import { describe, expect, it } from 'vitest';
import { exampleDeployment, ofType, only, plainId, resourcesOf, synthesized } from './synthesis.ts';

const data = resourcesOf(synthesized(exampleDeployment).data);
const published = only(data, 'AWS::S3::Bucket', 'AuditLogPublished');

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Principal: unknown;
  readonly Condition?: unknown;
}

function statementsOf(bucket: string): readonly Statement[] {
  const { PolicyDocument } = only(data, 'AWS::S3::BucketPolicy', `${bucket}Policy`);
  return (PolicyDocument as { Statement: Statement[] }).Statement;
}

describe('the log of the seals', () => {
  it('can be changed or deleted by nobody for the years that clinic.yaml says, six at the least', () => {
    expect(exampleDeployment.auditRetentionYears).toBeGreaterThanOrEqual(6);
    expect(published).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2192 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect(published['LifecycleConfiguration']).toBeUndefined();
  });

  it('takes each object once: what Object Lock would still allow, a newer version or a marker on top, its policy refuses', () => {
    const denials = statementsOf('AuditLogPublished').map(({ Effect, Principal, Action, Condition }) => [
      Effect,
      Principal,
      Action,
      Condition,
    ]);
    const all = { AWS: '*' };
    expect(denials).toEqual([
      ['Deny', all, 's3:*', { Bool: { 'aws:SecureTransport': 'false' } }],
      ['Deny', all, 's3:PutObject', { Null: { 's3:if-none-match': 'true' } }],
      ['Deny', all, 's3:DeleteObject', undefined],
    ]);
  });
});

describe('both buckets', () => {
  it('are closed to the public and to plain HTTP, and encrypted', () => {
    const buckets = ofType(data, 'AWS::S3::Bucket');
    expect(buckets.map(([id]) => plainId(id))).toEqual(['AuditLogPublished', 'AuditLogStaging']);
    for (const [id, { Properties }] of buckets) {
      expect(Properties['PublicAccessBlockConfiguration']).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(Properties['BucketEncryption']).toBeDefined();
      expect(JSON.stringify(statementsOf(plainId(id)))).toContain('aws:SecureTransport');
    }
  });

  it('lose their scratch after two days', () => {
    expect(only(data, 'AWS::S3::Bucket', 'AuditLogStaging')).toMatchObject({
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 2, Status: 'Enabled' }] },
    });
  });
});
