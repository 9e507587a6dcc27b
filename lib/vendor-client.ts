import { Duration, Stack } from 'aws-cdk-lib';
import type { HttpRouteAuthorizerBindOptions, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { OAuthScope, ResourceServerScope, type UserPool, type UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { domainPrefix, issuerOf, protectedUserPool } from './user-pool.ts';

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
    // There are no users; its rules for them hold should somebody make one by hand.
    this.pool = protectedUserPool(this, { deployment, name: 'Programme' });
    const domain = this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: domainPrefix(deployment, 'programme-') },
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
    this.issuer = issuerOf(this.pool);
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
