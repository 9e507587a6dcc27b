import { Aws, Duration, Stack } from 'aws-cdk-lib';
import type { HttpRouteAuthorizerBindOptions, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import {
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  StandardThreatProtectionMode,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { type Deployment, isLocal, removalOf, stageName } from './deployment.ts';

export interface VendorClientProps {
  /** Stage and region. */
  readonly deployment: Deployment;
}

/** What the vendor's tokens are good for, and nothing else: `events/write`. */
const eventsServer = 'events';
const writeScope = new ResourceServerScope({ scopeName: 'write', scopeDescription: 'Send events of the programme' });

/** How long a token of the vendor is good for. The vendor's server asks for a new one by itself. */
const tokenValidity = Duration.hours(1);

/**
 * The programme's server as the one client of a user pool that has no users: it exchanges its id and secret for tokens that may send
 * events (OAuth 2 client credentials). A pool apart from the staff's, because then no token of the one is ever one of the other,
 * and because a clinic with a sign-in of its own has no other pool.
 */
export class VendorClient extends Construct {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
  /** As it stands in the tokens. */
  readonly issuer: string;
  /** Where the vendor gets tokens. */
  readonly tokenUrl: string;

  constructor(scope: Construct, id: string, { deployment }: VendorClientProps) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      userPoolName: `${stageName(deployment)}-Programme`,
      // There are no users; these hold should somebody make one by hand.
      selfSignUpEnabled: false,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      deletionProtection: !isLocal(deployment),
      removalPolicy: removalOf(deployment),
    });
    const domain = this.pool.addDomain('Domain', {
      // One for all of AWS, so the account is part of it.
      cognitoDomain: { domainPrefix: `tandem-${deployment.stage}-programme-${deployment.account ?? Aws.ACCOUNT_ID}` },
    });
    const server = this.pool.addResourceServer('Events', { identifier: eventsServer, scopes: [writeScope] });
    this.client = this.pool.addClient('Client', {
      generateSecret: true,
      authFlows: {},
      oAuth: {
        flows: { clientCredentials: true },
        scopes: [OAuthScope.resourceServer(server, writeScope)],
      },
      accessTokenValidity: tokenValidity,
    });
    const { region } = Stack.of(this);
    this.issuer = `https://cognito-idp.${region}.amazonaws.com/${this.pool.userPoolId}`;
    this.tokenUrl = `https://${domain.domainName}.auth.${region}.amazoncognito.com/oauth2/token`;
  }
}

/**
 * API Gateway itself looks at the token: 401 where there is none or it is forged, expired or of another issuer or client, 403 where it
 * may not send events. Nothing of ours runs before that.
 */
export function onlyTheVendor({ issuer, client }: VendorClient): IHttpRouteAuthorizer {
  const authorizer = new HttpJwtAuthorizer('VendorToken', issuer, { jwtAudience: [client.userPoolClientId] });
  return {
    bind: (options: HttpRouteAuthorizerBindOptions) => ({
      ...authorizer.bind(options),
      authorizationScopes: [`${eventsServer}/${writeScope.scopeName}`],
    }),
  };
}
