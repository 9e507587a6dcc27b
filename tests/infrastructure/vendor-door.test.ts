import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readEnvironment, vendorDoorEnvironment } from '../../functions/adapters/environment.ts';
import { addTandem } from '../../lib/tandem.ts';
import { exampleDeployment, listOf, named, ofType, only, outputsOf, resourcesOf, testApp } from './synthesis.ts';

const stacks = addTandem(testApp(), exampleDeployment);
const template = Template.fromStack(stacks.api);
const api = resourcesOf(template);
const dataTemplate = Template.fromStack(stacks.data);
const data = resourcesOf(dataTemplate);

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

describe("the vendor's door", () => {
  it('may put events on the bus, and nothing else', () => {
    const { Statement } = only(api, 'AWS::IAM::ManagedPolicy', 'VendorDoorWorkflowPolicy')['PolicyDocument'] as {
      Statement: Statement[];
    };
    const rows = Statement.flatMap(({ Action, Resource }) =>
      listOf(Action).map((action) => `${action} on ${named(Resource)}`),
    );
    expect(rows).toEqual([
      'logs:CreateLogStream on VendorDoorWorkflowLog',
      'logs:PutLogEvents on VendorDoorWorkflowLog',
      'events:PutEvents on Events: DoorBus',
    ]);
  });

  it('is told what its code asks for, and nothing else', () => {
    const door = only(api, 'AWS::Lambda::Function', 'VendorDoorWorkflowFunction');
    const { Variables } = door['Environment'] as { Variables: Record<string, unknown> };
    const { NODE_OPTIONS: _, POWERTOOLS_SERVICE_NAME: __, ...told } = Variables;
    const deployed = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, named(value)]));
    expect(readEnvironment(vendorDoorEnvironment, deployed)).toEqual(deployed);
    // API Gateway waits for 30 seconds.
    expect(door['Timeout']).toBeLessThan(30);
  });

  it('opens for a token of the programme that may write events, and for no other', () => {
    const [[, route] = []] = ofType(api, 'AWS::ApiGatewayV2::Route').filter(
      ([, { Properties }]) => Properties['RouteKey'] === 'POST /events',
    );
    expect(route?.Properties).toMatchObject({ AuthorizationType: 'JWT', AuthorizationScopes: ['events/write'] });
    const { AuthorizerType, JwtConfiguration } = only(
      api,
      'AWS::ApiGatewayV2::Authorizer',
      named(route?.Properties['AuthorizerId']),
    );
    expect(AuthorizerType).toBe('JWT');
    const { Audience, Issuer } = JwtConfiguration as { Audience: unknown[]; Issuer: unknown };
    expect(Audience.map(named)).toEqual(['Data: VendorPoolClient']);
    expect(named(Issuer)).toBe('https://cognito-idp.us-east-1.amazonaws.com/Data: VendorPool');
  });

  it('lets in so many requests a second and no more', () => {
    expect(only(api, 'AWS::ApiGatewayV2::Stage')['RouteSettings']).toMatchObject({
      'POST /events': { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
    });
  });

  it('has alarms that say what to do, on metrics that its function writes', () => {
    const alarms = ofType(api, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) =>
      String(Properties['AlarmName']).startsWith('Tandem-example-vendor-') ? [Properties] : [],
    );
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const handler = readFileSync(new URL('../../functions/vendor-door/handler.ts', import.meta.url), 'utf8');
    expect(alarms.map((alarm) => `${String(alarm['MetricName'])} >= ${String(alarm['Threshold'])}`)).toEqual([
      'VendorDoorClosed >= 1',
      'Errors >= 1',
      'Throttles >= 1',
      'VendorEventTurnedAway >= 1',
    ]);
    for (const { AlarmName, AlarmActions, AlarmDescription } of alarms) {
      const id = String(AlarmName).replace('Tandem-example-', '');
      expect(operations).toContain(`### ${id}\n`);
      expect(AlarmDescription).toContain(`docs/operations.md#${id}`);
      expect(listOf(AlarmActions as unknown[]).map(named)).toEqual(['Events: OperationsTopic']);
    }
    const own = alarms.filter(({ Namespace }) => Namespace === 'Tandem');
    expect(own).toHaveLength(2);
    for (const { MetricName } of own) expect(handler).toContain(`addMetric('${String(MetricName)}'`);
  });
});

describe('the client that the programme is', () => {
  it('can get tokens by its secret for sending events, in no other way and for nothing else', () => {
    const client = only(data, 'AWS::Cognito::UserPoolClient', 'VendorPoolClient');
    expect(client).toMatchObject({
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AccessTokenValidity: 60,
    });
    expect(listOf(client['AllowedOAuthScopes'] as unknown[]).map(named)).toEqual(['VendorPoolEvents/write']);
    expect(only(data, 'AWS::Cognito::UserPoolResourceServer')).toMatchObject({
      Identifier: 'events',
      Scopes: [{ ScopeName: 'write' }],
    });
  });

  it('is the only one of its pool, which stays when its stack goes and in which nobody can sign up', () => {
    const [, pool] = ofType(data, 'AWS::Cognito::UserPool').find(([id]) => id.startsWith('VendorPool')) ?? [];
    expect(pool).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        DeletionProtection: 'ACTIVE',
        MfaConfiguration: 'ON',
        UserPoolName: 'Tandem-example-Programme',
      },
    });
  });

  it('has what the runbook hands over among the outputs, and no secret there', () => {
    expect(outputsOf(dataTemplate)).toEqual(
      expect.arrayContaining(['VendorPoolId', 'VendorClientId', 'VendorTokenUrl']),
    );
    expect(JSON.stringify(dataTemplate.toJSON())).not.toContain('ClientSecret');
  });
});
