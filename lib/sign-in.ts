import { Duration } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnUserPoolClient,
  CfnUserPoolGroup,
  OAuthScope,
  type UserPool,
  UserPoolClient,
  UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { roles } from '../functions/domain/escalation-plan.ts';
import type { Deployment } from './deployment.ts';
import { domainPrefix, issuerOf, protectedUserPool } from './user-pool.ts';

export interface StaffDirectoryProps {
  /** Stage and region. */
  readonly deployment: Deployment;
}

/**
 * Who may sign in, where the clinic has no sign-in of its own: a user pool of Cognito. A user's name is the staff id of
 * escalation.yaml; a user's groups are the roles. An administrator makes users; nobody can sign up.
 */
export class StaffDirectory extends Construct {
  readonly pool: UserPool;
  /** As it stands in the tokens. */
  readonly issuer: string;
  /** Where its own pages are, and where tokens are given out: another origin than the issuer's. */
  readonly pages: string;

  constructor(scope: Construct, id: string, { deployment }: StaffDirectoryProps) {
    super(scope, id);
    this.pool = protectedUserPool(this, {
      deployment,
      name: 'Staff',
      signInAliases: { username: true },
      signInCaseSensitive: true,
      passwordPolicy: { tempPasswordValidity: Duration.days(3) },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      autoVerify: { email: true },
    });
    const domain = new UserPoolDomain(this, 'Domain', {
      userPool: this.pool,
      cognitoDomain: { domainPrefix: domainPrefix(deployment) },
    });
    this.pages = domain.baseUrl();
    for (const groupName of roles)
      new CfnUserPoolGroup(this, groupName, { userPoolId: this.pool.userPoolId, groupName });
    this.issuer = issuerOf(this.pool);
  }
}

/** How long a sign-in is good for without the page asking for a new token; the page asks as long as somebody works with it. */
const accessTokenValidity = Duration.minutes(15);
/** A working day: then everybody signs in anew. */
const sessionValidity = Duration.hours(12);

/** Whose tokens are good, and what they say. */
export interface SignInSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** null: Cognito's access tokens name their client instead. */
  readonly audience: string | null;
  /** What the page asks for. */
  readonly scope: string;
  readonly staffClaim: string;
  readonly rolesClaim: string;
}

/** The clinic's own sign-in, or that of the directory, where the page becomes a client. */
export function signInSettings(
  scope: Construct,
  {
    deployment,
    directory,
    address,
  }: {
    readonly deployment: Deployment;
    /** undefined: the clinic has its own sign-in. */
    readonly directory: StaffDirectory | undefined;
    /** Of the API, which also serves the page. */
    readonly address: string;
  },
): SignInSettings {
  if (deployment.signIn !== null) return deployment.signIn;
  if (directory === undefined) throw new Error('without a sign-in of its own a clinic needs the directory');
  const client = pageClient(scope, directory, [`${address}/`, `${new URL(deployment.portalUrl).origin}/`]);
  return {
    issuer: directory.issuer,
    clientId: client.userPoolClientId,
    audience: null,
    scope: 'openid',
    staffClaim: 'username',
    rolesClaim: 'cognito:groups',
  };
}

/** The care team's page as a client of the directory: authorization code with PKCE, since a page can keep no secret. */
function pageClient(scope: Construct, { pool }: StaffDirectory, addresses: string[]): UserPoolClient {
  const client = new UserPoolClient(scope, 'PageClient', {
    userPool: pool,
    generateSecret: false,
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID],
      callbackUrls: addresses,
      logoutUrls: addresses,
    },
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity,
    idTokenValidity: accessTokenValidity,
    refreshTokenValidity: sessionValidity,
  });
  const { defaultChild } = client.node;
  if (!(defaultChild instanceof CfnUserPoolClient)) throw new Error('the client is no CfnUserPoolClient');
  // Left out, it would be Cognito's default: names and passwords sent to Cognito's own API, past the page of the sign-in.
  defaultChild.explicitAuthFlows = ['ALLOW_REFRESH_TOKEN_AUTH'];
  return client;
}
