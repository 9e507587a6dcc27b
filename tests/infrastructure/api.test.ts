import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { alertApiEnvironment, authorizerEnvironment, readEnvironment } from '../../functions/adapters/environment.ts';
import { roles } from '../../functions/domain/escalation-plan.ts';
import { type Deployment, deploymentOf } from '../../lib/deployment.ts';
import { addTandem } from '../../lib/tandem.ts';
import { exampleClinic } from '../example-clinic.ts';
import {
  exampleDeployment,
  listOf,
  localDeployment,
  named,
  ofType,
  only,
  outputsOf,
  plainId,
  resourcesOf,
  testApp,
} from './synthesis.ts';

function templatesOf(deployment: Deployment) {
  const { data, api } = addTandem(testApp(), deployment);
  return { data: resourcesOf(Template.fromStack(data)), template: Template.fromStack(api) };
}

const { data, template } = templatesOf(exampleDeployment);
const api = resourcesOf(template);
const ownSignIn = {
  issuer: 'https://login.example.org',
  audience: 'tandem',
  clientId: 'page',
  scope: 'openid tandem',
  tokenOrigins: ['https://tokens.example.org'],
  staffClaim: 'sub',
  rolesClaim: 'roles',
};
const own = templatesOf({ ...exampleDeployment, signIn: ownSignIn });

const routes = ofType(api, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
const routeOf = (key: string) => routes.find(({ RouteKey }) => RouteKey === key);

/** What is no secret: it needs no sign-in because it is what leads to one. */
const forAnybody = ['GET /api/config'];

describe('the routes', () => {
  it('are these, and each of the API’s own but the one that leads to the sign-in asks who is there', () => {
    const ofApi = routes.filter(({ RouteKey }) => String(RouteKey).includes(' /api/'));
    expect(Object.fromEntries(ofApi.map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType]))).toEqual({
      'GET /api/config': 'NONE',
      'GET /api/me': 'CUSTOM',
      'GET /api/alerts': 'CUSTOM',
      'GET /api/alerts/{id}': 'CUSTOM',
      'POST /api/alerts/{id}/acknowledge': 'CUSTOM',
      'POST /api/alerts/{id}/snooze': 'CUSTOM',
      'POST /api/alerts/{id}/resolve': 'CUSTOM',
    });
    const checked = ofApi.filter(({ RouteKey }) => !forAnybody.includes(String(RouteKey)));
    for (const { AuthorizerId } of checked) expect(named(AuthorizerId)).toContain('SignInCheck');
  });

  it('E12: act by POST only, and none answers every method or every path', () => {
    for (const { RouteKey } of routes) expect(String(RouteKey)).toMatch(/^(GET|HEAD|POST) \//);
    for (const answer of ['acknowledge', 'snooze', 'resolve'])
      expect(routeOf(`GET /api/alerts/{id}/${answer}`)).toBeUndefined();
  });

  it('are throttled, all callers together', () => {
    expect(only(api, 'AWS::ApiGatewayV2::Stage')).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
  });

  it('answer pages of no other address', () => {
    expect(only(api, 'AWS::ApiGatewayV2::Api')).not.toHaveProperty('CorsConfiguration');
  });
});

describe('the check of the sign-in', () => {
  it('sees every request, one without a token, too, and nobody’s answer serves for the next', () => {
    expect(only(api, 'AWS::ApiGatewayV2::Authorizer', 'HttpsApiSignInCheck')).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      // Always there: with the header here, API Gateway would refuse by itself, and nobody would record it.
      IdentitySource: ['$context.routeKey'],
    });
  });

  it.each([
    ['SignInCheckWorkflowFunction', authorizerEnvironment],
    ['AlertApiWorkflowFunction', alertApiEnvironment],
  ])('%s is told what its code asks for, and nothing else', (id, schema) => {
    for (const resources of [api, resourcesOf(own.template)]) {
      const { Variables } = only(resources, 'AWS::Lambda::Function', id)['Environment'] as {
        Variables: Record<string, unknown>;
      };
      const { NODE_OPTIONS: _, POWERTOOLS_SERVICE_NAME: __, ...told } = Variables;
      const deployed = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, `arn:${named(value)}`]));
      expect(readEnvironment(schema, deployed)).toEqual(deployed);
    }
  });

  it('is told of Cognito what its access tokens say, or of the clinic’s own sign-in what clinic.yaml says', () => {
    const told = (resources: typeof api) =>
      (
        only(resources, 'AWS::Lambda::Function', 'SignInCheckWorkflowFunction')['Environment'] as {
          Variables: Record<string, unknown>;
        }
      ).Variables;
    const byCognito = told(api);
    expect([byCognito['SIGN_IN_STAFF_CLAIM'], byCognito['SIGN_IN_ROLES_CLAIM']]).toEqual([
      'username',
      'cognito:groups',
    ]);
    expect(byCognito).not.toHaveProperty('SIGN_IN_AUDIENCE');
    expect(told(resourcesOf(own.template))).toMatchObject({
      SIGN_IN_ISSUER: ownSignIn.issuer,
      SIGN_IN_AUDIENCE: ownSignIn.audience,
      SIGN_IN_CLIENT_ID: ownSignIn.clientId,
      SIGN_IN_STAFF_CLAIM: 'sub',
      SIGN_IN_ROLES_CLAIM: 'roles',
    });
  });
});

describe('the functions behind the API', () => {
  it('end before API Gateway stops waiting for them', () => {
    const timeoutOf = (id: string) => Number(only(api, 'AWS::Lambda::Function', id)['Timeout']);
    expect(timeoutOf('SignInCheckWorkflowFunction')).toBeLessThanOrEqual(10);
    expect(timeoutOf('AlertApiWorkflowFunction')).toBeLessThan(30);
  });
});

describe('the access log', () => {
  const { AccessLogSettings } = only(api, 'AWS::ApiGatewayV2::Stage') as { AccessLogSettings: { Format: string } };

  it('holds which route, how it went and the opaque id of who asked: no path, query, header, token or body', () => {
    const format = JSON.parse(AccessLogSettings.Format) as Record<string, string>;
    expect(format).toEqual({
      requestId: '$context.requestId',
      at: '$context.requestTime',
      route: '$context.routeKey',
      status: '$context.status',
      milliseconds: '$context.responseLatency',
      staff: '$context.authorizer.staff',
    });
    expect(AccessLogSettings.Format).not.toMatch(/path|query|header|token|body|claims|identity/i);
  });

  it('is encrypted under the clinic’s key, and kept as long as clinic.yaml says', () => {
    const logs = ofType(api, 'AWS::Logs::LogGroup');
    expect(logs.map(([id]) => plainId(id))).toContain('HttpsLog');
    for (const [, { Properties }] of logs)
      expect([named(Properties['KmsKeyId']), Properties['RetentionInDays']]).toEqual([
        'Data: Keysoperations',
        exampleClinic.settings.deployment.logRetentionDays,
      ]);
  });
});

describe('the sign-in that Tandem brings', () => {
  const pool = only(data, 'AWS::Cognito::UserPool', 'StaffPool');

  it('asks for a second factor of everybody, by an app and never by text message', () => {
    expect(pool).toMatchObject({ MfaConfiguration: 'ON', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] });
  });

  it('lets nobody sign up, asks for long passwords, and watches for stolen ones', () => {
    expect(pool).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      Policies: {
        PasswordPolicy: {
          MinimumLength: 14,
          RequireLowercase: true,
          RequireUppercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
        },
      },
      UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
      UserPoolTier: 'PLUS',
    });
  });

  it('cannot be deleted, and stays when its stack goes', () => {
    expect(pool).toMatchObject({ DeletionProtection: 'ACTIVE' });
    const policies = ofType(data, 'AWS::Cognito::UserPool').map(([id, { DeletionPolicy }]) => [
      plainId(id),
      DeletionPolicy,
    ]);
    expect(policies).toContainEqual(['StaffPool', 'Retain']);
    const local = templatesOf(localDeployment).data;
    expect(only(local, 'AWS::Cognito::UserPool', 'StaffPool')).toMatchObject({ DeletionProtection: 'INACTIVE' });
  });

  it('has a group for each role there is', () => {
    const groups = ofType(data, 'AWS::Cognito::UserPoolGroup').map(([, { Properties }]) =>
      String(Properties['GroupName']),
    );
    expect(groups.toSorted()).toEqual([...roles].toSorted());
  });

  it('knows the page without a secret, by code alone, back at its own addresses, for a quarter of an hour', () => {
    const client = only(api, 'AWS::Cognito::UserPoolClient', 'PageClient');
    expect(client).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid'],
      AccessTokenValidity: 15,
      IdTokenValidity: 15,
      RefreshTokenValidity: 720,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
      EnableTokenRevocation: true,
      PreventUserExistenceErrors: 'ENABLED',
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
    });
    const [own_, portal] = client['CallbackURLs'] as unknown[];
    expect([named(own_), portal]).toEqual(['HttpsApi/', 'https://portal.example.org/']);
  });

  it('is not there where the clinic has its own', () => {
    const ids = (type: string, resources: typeof api) => ofType(resources, type).map(([id]) => plainId(id));
    expect(ids('AWS::Cognito::UserPool', own.data)).not.toContain('StaffPool');
    expect(ids('AWS::Cognito::UserPoolClient', api)).toContain('PageClient');
    expect(ids('AWS::Cognito::UserPoolClient', resourcesOf(own.template))).not.toContain('PageClient');
    const clinic = { ...exampleClinic, settings: { ...exampleClinic.settings, signIn: ownSignIn } };
    expect([deploymentOf(clinic).signIn, exampleDeployment.signIn]).toEqual([ownSignIn, null]);
  });
});

describe('the page', () => {
  it('may call the issuer, wherever the clinic’s sign-in gives out tokens, and nothing else', () => {
    const told = ofType(resourcesOf(own.template), 'AWS::Lambda::Function').map(
      ([, { Properties }]) => (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables,
    );
    expect(told.flatMap(({ SIGN_IN_ORIGINS }) => SIGN_IN_ORIGINS ?? [])).toEqual([
      'https://login.example.org https://tokens.example.org',
    ]);
  });
});

describe('the alarms of the API', () => {
  it('watch its failures, many refusals, and the functions behind it; each says what to do', () => {
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const alarms = ofType(api, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    const idOf = (alarm: Readonly<Record<string, unknown>>) =>
      String(alarm['AlarmName']).replace('Tandem-example-', '');
    const lines = alarms.map((alarm) => {
      const of = (alarm['Dimensions'] as { Value: unknown }[]).map(({ Value }) => named(Value)).join();
      return [idOf(alarm), `${String(alarm['MetricName'])} of ${of} >= ${String(alarm['Threshold'])}`];
    });
    expect(Object.fromEntries(lines)).toMatchObject({
      'api-failing': '5xx of HttpsApi,$default >= 1',
      'api-refusing': '4xx of HttpsApi,$default >= 100',
      'api-sign-in-errors': 'Errors of SignInCheckWorkflowFunction >= 1',
      'api-alerts-errors': 'Errors of AlertApiWorkflowFunction >= 1',
    });
    for (const alarm of alarms) {
      expect(listOf(alarm['AlarmActions'] as unknown[]).map(named)).toEqual(['Events: OperationsTopic']);
      expect(alarm['AlarmDescription']).toMatch(new RegExp(`^.+\\. .+\\. More: docs/operations\\.md#${idOf(alarm)}$`));
      expect(operations).toContain(`### ${idOf(alarm)}\n`);
    }
  });
});

it('the stack holds nothing that another deployment could lose, and names what commands and people rely on', () => {
  for (const { Type } of Object.values(api)) expect(Type).not.toMatch(/^AWS::(DynamoDB|KMS|S3)::|UserPool$/);
  expect(outputsOf(template)).toEqual(expect.arrayContaining(['ApiUrl', 'ApiId', 'SignInIssuer', 'SignInClientId']));
});
