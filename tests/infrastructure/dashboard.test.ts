import { readdirSync, readFileSync } from 'node:fs';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { assumptions } from '../../bin/cost/assumptions.ts';
import { prices } from '../../bin/cost/prices.ts';
import { addTandem } from '../../lib/tandem.ts';
import { exampleDeployment, localDeployment, ofType, resourcesOf, testApp } from './synthesis.ts';

interface Widget {
  readonly type: string;
  readonly width: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
    readonly annotations?: { readonly alarms?: readonly string[]; readonly horizontal?: readonly { value: number }[] };
  };
}

const stacks = addTandem(testApp(), exampleDeployment);
const deployed = Object.values(stacks)
  .filter((stack): stack is Exclude<typeof stack, undefined> => stack !== undefined)
  .map((stack: Stack) => resourcesOf(Template.fromStack(stack)));
const everyOf = (type: string) => deployed.flatMap((resources) => ofType(resources, type));
const alarmNames = everyOf('AWS::CloudWatch::Alarm').map(([, { Properties }]) => String(Properties['AlarmName']));

if (stacks.dashboard === undefined) throw new Error('the example stage has no dashboard');
const template = Template.fromStack(stacks.dashboard);
const [[, page] = []] = ofType(resourcesOf(template), 'AWS::CloudWatch::Dashboard');

/** What CloudFormation makes of the page: intrinsics as words. */
const body = JSON.stringify(page?.Properties['DashboardBody']);
const joined: unknown = page?.Properties['DashboardBody'];
const text =
  typeof joined === 'string'
    ? joined
    : (joined as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
        .map((part) => (typeof part === 'string' ? part : 'x'))
        .join('');
const { widgets } = JSON.parse(text) as { widgets: Widget[] };
const nameIn = (arn: string) => arn.slice(arn.lastIndexOf(':') + 1);

describe('the dashboard of a stage', () => {
  it('shows how every alarm of the stage stands', () => {
    expect(alarmNames.length).toBeGreaterThan(40);
    const shown = widgets.flatMap(({ type, properties }) => (type === 'alarm' ? (properties.alarms ?? []) : []));
    expect(shown.map(nameIn).toSorted()).toEqual(alarmNames.toSorted());
  });

  it('draws what every alarm watches, with its threshold', () => {
    const drawn = widgets.flatMap(({ properties }) => properties.annotations?.alarms ?? []);
    expect(drawn.map(nameIn).toSorted()).toEqual(alarmNames.toSorted());
  });

  it('says in words where to read what to do', () => {
    const words = widgets.flatMap(({ properties }) => properties.markdown ?? []).join('\n');
    expect(words).toContain('docs/operations.md');
    expect(words).toContain('npx tandem status --stage example');
  });

  it('shows the promises by metrics that handlers write, in the dimension they write them', () => {
    const handlers = readdirSync('functions', { recursive: true, withFileTypes: true })
      .filter(({ name }) => name === 'handler.ts')
      .map(({ parentPath }) => readFileSync(`${parentPath}/handler.ts`, 'utf8'))
      .join('');
    const own = widgets.flatMap(({ properties }) => properties.metrics ?? []).filter(([space]) => space === 'Tandem');
    expect(own.map(([, name]) => name)).toEqual(['EventDelay', 'UrgentAlertDelay', 'NightSeconds', 'SealAge']);
    for (const [, name, dimension, service] of own) {
      expect(handlers).toContain(`'${String(name)}', MetricUnit.Seconds`);
      expect([dimension, service]).toEqual(['service', 'tandem-example']);
    }
  });

  it('takes nothing of the other stacks, so that it cannot stand in their way', () => {
    expect(body).not.toContain('Fn::ImportValue');
    expect(stacks.dashboard?.dependencies).toEqual([]);
  });

  it('fits what CloudWatch takes of one page, and its names say the stage', () => {
    expect(widgets.length).toBeLessThanOrEqual(500);
    expect(page?.Properties['DashboardName']).toBe('Tandem-example');
  });

  it('is not there on the emulator, where nobody looks at it', () => {
    expect(addTandem(testApp(), localDeployment).dashboard).toBeUndefined();
  });
});

describe('the page on cost', () => {
  it('counts what is deployed: alarms, dashboards, keys, clients of machines and metrics of routes', () => {
    const machines = everyOf('AWS::Cognito::UserPoolClient').filter(([, { Properties }]) =>
      JSON.stringify(Properties['AllowedOAuthFlows']).includes('client_credentials'),
    );
    expect({
      alarms: assumptions.alarms.value,
      dashboards: assumptions.dashboards.value,
      keys: assumptions.keys.value,
      machineClients: assumptions.machineClients.value,
      routeMetrics: assumptions.routeMetrics.value,
    }).toEqual({
      alarms: alarmNames.length,
      dashboards: everyOf('AWS::CloudWatch::Dashboard').length,
      keys: everyOf('AWS::KMS::Key').length,
      machineClients: machines.length,
      routeMetrics: 6 * everyOf('AWS::ApiGatewayV2::Route').length,
    });
  });

  it('has the price of the plan that every user pool is on', () => {
    expect(everyOf('AWS::Cognito::UserPool').map(([, { Properties }]) => Properties['UserPoolTier'])).toEqual([
      'PLUS',
      'PLUS',
    ]);
    expect(prices.user.what).toContain('Plus');
  });
});
