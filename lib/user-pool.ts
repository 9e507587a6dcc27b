import { Aws } from 'aws-cdk-lib';
import { FeaturePlan, Mfa, StandardThreatProtectionMode, UserPool, type UserPoolProps } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { type Deployment, isLocal, removalOf, stageName } from './deployment.ts';

export interface ProtectedUserPoolProps extends Omit<UserPoolProps, 'userPoolName'> {
  /** Stage, account, and whether the pool outlives its stack. */
  readonly deployment: Deployment;
  /** The end of the pool's name. */
  readonly name: string;
}

/** A user pool in which nobody signs up, everybody needs a second factor by an app, and which cannot be deleted by accident. */
export function protectedUserPool(scope: Construct, { deployment, name, ...more }: ProtectedUserPoolProps): UserPool {
  const { passwordPolicy, ...settings } = more;
  return new UserPool(scope, 'Pool', {
    userPoolName: `${stageName(deployment)}-${name}`,
    selfSignUpEnabled: false,
    mfa: Mfa.REQUIRED,
    // By an app: text messages can be redirected to somebody else's telephone.
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 14,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      ...passwordPolicy,
    },
    featurePlan: FeaturePlan.PLUS,
    standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
    deletionProtection: !isLocal(deployment),
    removalPolicy: removalOf(deployment),
    ...settings,
  });
}

/** The beginning of the pool's own addresses: one for all of AWS, so the account is part of it. */
export function domainPrefix({ stage, account }: Deployment, part = ''): string {
  return `tandem-${stage}-${part}${account ?? Aws.ACCOUNT_ID}`;
}

/** As it stands in the pool's tokens. */
export function issuerOf({ userPoolId, stack }: UserPool): string {
  return `https://cognito-idp.${stack.region}.amazonaws.com/${userPoolId}`;
}
