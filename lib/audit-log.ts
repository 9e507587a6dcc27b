import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type Deployment, removalOf } from './deployment.ts';

export interface AuditLogProps {
  /** Stage, how long the audit is kept, and whether the log outlives the stack. */
  readonly deployment: Deployment;
}

/** Four years have 1,461 days. */
const daysOfYears = (years: number) => Math.ceil((years * 1461) / 4);

/** Where the log of the audit's seals is published, and the scratch space beside it. Both hold hashes, ids and counts. */
export class AuditLog extends Construct {
  /**
   * Under Object Lock in compliance mode: until its years are over nobody can delete or change what was published, not even
   * the account's root user. The bucket's policy refuses what Object Lock still allows: another version on top, and a
   * marker that hides one.
   */
  readonly published: Bucket;
  /** What a seal is about to publish. It is gone two days later at the most. */
  readonly staging: Bucket;

  constructor(scope: Construct, id: string, { deployment }: AuditLogProps) {
    super(scope, id);
    const closed: BucketProps = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      encryption: BucketEncryption.S3_MANAGED,
      removalPolicy: removalOf(deployment),
    };
    this.published = new Bucket(this, 'Published', {
      ...closed,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(
        Duration.days(daysOfYears(deployment.auditRetentionYears)),
      ),
    });
    this.published.addToResourcePolicy(
      this.#denyToAll('OnceOnly', ['s3:PutObject'], { Null: { 's3:if-none-match': 'true' } }),
    );
    this.published.addToResourcePolicy(this.#denyToAll('NeverHidden', ['s3:DeleteObject'], {}));
    this.staging = new Bucket(this, 'Staging', {
      ...closed,
      lifecycleRules: [{ id: 'scratch', expiration: Duration.days(2) }],
    });
  }

  #denyToAll(sid: string, actions: string[], conditions: Record<string, Record<string, string>>): PolicyStatement {
    return new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions,
      resources: [this.published.arnForObjects('*')],
      conditions,
    });
  }
}
