import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import {
  canaryEnvironment,
  intakeEnvironment,
  readEnvironment,
  reconcileEnvironment,
  scanEnvironment,
  sealEnvironment,
  watchdogEnvironment,
} from '../../functions/adapters/environment.ts';
import { WorkflowFunction } from '../../lib/workflow-function.ts';
import { exampleDeployment, named, ofType, only, plainId, resourcesOf, runningIn, synthesized } from './synthesis.ts';

const running = runningIn(synthesized(exampleDeployment));
const functions = ofType(running, 'AWS::Lambda::Function').map(([id, { Properties }]) => ({
  name: plainId(id),
  Properties,
  environment: (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables,
}));

describe('every function', () => {
  it.each(functions)('$name runs on Node 24 and can be read in a stack trace', ({ Properties, environment }) => {
    expect(Properties['Runtime']).toBe('nodejs24.x');
    expect(environment['NODE_OPTIONS']).toBe('--enable-source-maps');
  });

  it('is told what its code asks for, and nothing else', () => {
    const asks = {
      IntakeWorkflowFunction: intakeEnvironment,
      CanaryWorkflowFunction: canaryEnvironment,
      NightlyScanWorkflowFunction: scanEnvironment,
      WatchdogWorkflowFunction: watchdogEnvironment,
      SealWorkflowFunction: sealEnvironment,
      ReconcileWorkflowFunction: reconcileEnvironment,
    };
    expect(functions.map(({ name }) => name)).toEqual(Object.keys(asks));
    for (const { name, environment } of functions) {
      const { NODE_OPTIONS: _, POWERTOOLS_SERVICE_NAME: __, ...told } = environment;
      const deployed = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, `arn:${named(value)}`]));
      expect(readEnvironment(asks[name as keyof typeof asks], deployed)).toEqual(deployed);
    }
  });
});

describe('the bundle of a function that reads the clinic’s choices', () => {
  it('holds clinic.json and changes with it, so that a deployment takes over a changed rule', () => {
    const first = bundled('{"rule":1}\n');
    const second = bundled('{"rule":2}\n');
    expect(first.clinic).toBe('{"rule":1}\n');
    expect(second.clinic).toBe('{"rule":2}\n');
    expect(second.key).not.toBe(first.key);
    expect(bundled('{"rule":1}\n').key).toBe(first.key);
  });
});

function bundled(clinicFile: string): { asset: string; clinic: string; key: string } {
  const app = new App();
  const stack = new Stack(app, 'Bundled');
  new WorkflowFunction(stack, 'Intake', {
    name: 'event-intake',
    description: 'test',
    deployment: { ...exampleDeployment, clinicFile },
    logKey: new Key(stack, 'Key'),
    environment: {},
    mayDo: [],
    timeout: Duration.seconds(1),
    readsClinic: true,
  });
  const template = Template.fromStack(stack);
  const { S3Key: key } = only(resourcesOf(template), 'AWS::Lambda::Function')['Code'] as { S3Key: string };
  const asset = join(app.synth().directory, `asset.${key.replace('.zip', '')}`);
  return { asset, key, clinic: readFileSync(join(asset, 'clinic.json'), 'utf8') };
}
