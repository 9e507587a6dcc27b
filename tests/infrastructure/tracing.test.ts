import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { WorkflowFunction } from '../../lib/workflow-function.ts';
import { WorkflowMachine } from '../../lib/workflow-machine.ts';
import { exampleDeployment, ofType, only, type Resources, resourcesOf } from './synthesis.ts';

/** A function and a workflow as every stack makes them: there is no other way (tests/infrastructure/nag.test.ts looks at all of them). */
function withTracing(tracing: boolean): Resources {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Traced');
  const deployment = { ...exampleDeployment, tracing };
  const logKey = new Key(stack, 'Key');
  const step = new WorkflowFunction(stack, 'Step', {
    name: 'canary',
    description: 'test',
    deployment,
    logKey,
    environment: {},
    mayDo: [],
    timeout: Duration.seconds(1),
  });
  const calls = { AuditSealFunctionArn: step.function };
  new WorkflowMachine(stack, 'Flow', { name: 'audit-seal', deployment, logKey, calls });
  return resourcesOf(Template.fromStack(stack));
}

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

function statementsOf(resources: Resources, id: string): Statement[] {
  return (only(resources, 'AWS::IAM::ManagedPolicy', id)['PolicyDocument'] as { Statement: Statement[] }).Statement;
}

const on = withTracing(true);
const off = withTracing(false);

describe('with deployment.tracing', () => {
  it('X-Ray follows functions and workflows', () => {
    expect(only(on, 'AWS::Lambda::Function')['TracingConfig']).toEqual({ Mode: 'Active' });
    expect(only(on, 'AWS::StepFunctions::StateMachine')['TracingConfiguration']).toEqual({ Enabled: true });
  });

  it.each([
    ['StepPolicy', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments']],
    [
      'FlowPolicy',
      ['xray:PutTelemetryRecords', 'xray:PutTraceSegments', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    ],
  ])('%s may hand X-Ray its own measurements, read no trace, and is otherwise the same', (policy, actions) => {
    const added = statementsOf(on, policy).filter(({ Sid }) => Sid === 'Trace');
    expect(added).toEqual([{ Sid: 'Trace', Effect: 'Allow', Action: actions, Resource: '*' }]);
    expect(statementsOf(on, policy).filter(({ Sid }) => Sid !== 'Trace')).toEqual(statementsOf(off, policy));
  });

  it('a workflow still keeps out of its log and its trace what its steps hand each other', () => {
    expect(only(on, 'AWS::StepFunctions::StateMachine')['LoggingConfiguration']).toMatchObject({
      IncludeExecutionData: false,
    });
  });

  it('the page of permissions and the page of operations say so', () => {
    for (const { page, text } of [
      { page: 'permissions', text: '`xray: PutTelemetryRecords, PutTraceSegments`' },
      { page: 'permissions', text: '`xray: GetSamplingRules, GetSamplingTargets`' },
      { page: 'operations', text: '\n## Tracing\n' },
    ])
      expect(readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8')).toContain(text);
  });
});

describe('without deployment.tracing, as the shipped clinic has it', () => {
  it('nothing is traced and nobody has a right to X-Ray', () => {
    expect(exampleDeployment.tracing).toBe(false);
    expect(JSON.stringify(off)).not.toMatch(/xray|"Active"/i);
    expect(ofType(off, 'AWS::StepFunctions::StateMachine').map(([, { Properties }]) => Properties)).toMatchObject([
      { TracingConfiguration: { Enabled: false } },
    ]);
  });
});

it('no code of ours writes into a trace, so that a trace has what AWS puts there and no more', () => {
  const functions = new URL('../../functions/', import.meta.url);
  const writing = readdirSync(functions, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /xray|tracer|putAnnotation|X_AMZN_TRACE/i.test(readFileSync(file, 'utf8')));
  expect(writing).toEqual([]);
});
