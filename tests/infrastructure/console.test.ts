import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { consoleEnvironment, readEnvironment } from '../../functions/adapters/environment.ts';
import { ConsolePage } from '../../lib/console-page.ts';
import { ClinicApi } from '../../lib/http-api.ts';
import { exampleDeployment, ofType, only, resourcesOf } from './synthesis.ts';

const app = new App();
const stack = new Stack(app, 'Page');
const logKey = new Key(stack, 'Key');
const deployment = exampleDeployment;
const api = new ClinicApi(stack, 'Https', { deployment, logKey });
const signInOrigins = ['https://login.example.org', 'https://tokens.example.org', 'https://login.example.org'];
new ConsolePage(stack, 'Console', { deployment, logKey, signInOrigins, api });
const resources = resourcesOf(Template.fromStack(stack));
const page = only(resources, 'AWS::Lambda::Function');

describe('the care team’s page as it is deployed', () => {
  it('lies built beside the function that serves it', () => {
    const { S3Key: key } = page['Code'] as { S3Key: string };
    const folder = join(app.synth().directory, `asset.${key.replace('.zip', '')}`, 'page');
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('<div id="page">');
    expect(
      readdirSync(join(folder, 'assets'))
        .map((name) => name.replace(/-[\w-]{8}\./, '.'))
        .toSorted(),
    ).toEqual(['icon.svg', 'index.css', 'index.js']);
  });

  it('can be opened by anybody, with GET and HEAD, at three kinds of address', () => {
    const routes = ofType(resources, 'AWS::ApiGatewayV2::Route').map(
      ([, { Properties }]) => [String(Properties['RouteKey']), Properties['AuthorizationType']] as const,
    );
    expect(routes.toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
      ['GET /', 'NONE'],
      ['GET /alerts/{id}', 'NONE'],
      ['GET /assets/{proxy+}', 'NONE'],
      ['HEAD /', 'NONE'],
      ['HEAD /alerts/{id}', 'NONE'],
      ['HEAD /assets/{proxy+}', 'NONE'],
    ]);
  });

  it('is served by a function that may write its own log and do nothing else', () => {
    const { PolicyDocument: policy } = only(resources, 'AWS::IAM::ManagedPolicy') as {
      PolicyDocument: { Statement: { Sid: string }[] };
    };
    expect(policy.Statement.map(({ Sid }) => Sid)).toEqual(['OwnLog']);
  });

  it('is told which origins the sign-in has, each once, and nothing else', () => {
    const { Variables } = page['Environment'] as { Variables: Record<string, string> };
    const { NODE_OPTIONS: _, POWERTOOLS_SERVICE_NAME: __, ...told } = Variables;
    expect(told).toEqual({ SIGN_IN_ORIGINS: 'https://login.example.org https://tokens.example.org' });
    expect(readEnvironment(consoleEnvironment, told)).toEqual(told);
  });
});
