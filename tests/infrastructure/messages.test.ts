import { describe, expect, it } from 'vitest';
import { canarySource } from '../../functions/ports/door.ts';
import { exampleClinic } from '../example-clinic.ts';
import { exampleDeployment, listOf, named, ofType, only, plainId, runningIn, synthesized } from './synthesis.ts';

const running = runningIn(synthesized(exampleDeployment));
const queues = ofType(running, 'AWS::SQS::Queue');
const functions = ofType(running, 'AWS::Lambda::Function');
const sources = ofType(running, 'AWS::Lambda::EventSourceMapping');
const rules = ofType(running, 'AWS::Events::Rule');

function deadLetterTarget(value: unknown): string {
  return named((value as { deadLetterTargetArn: unknown }).deadLetterTargetArn);
}

describe('P06: every function that a queue feeds', () => {
  it('exists', () => expect(sources).toHaveLength(1));

  it.each(sources)(
    '%s names the messages that failed, so that one bad message does not take the others along',
    (_, { Properties }) => {
      expect(Properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
    },
  );

  it.each(sources)('%s has six times its own time before a message comes again', (_, { Properties }) => {
    const queue = only(running, 'AWS::SQS::Queue', named(Properties['EventSourceArn']));
    const { Timeout } = only(running, 'AWS::Lambda::Function', named(Properties['FunctionName']));
    const window = Properties['MaximumBatchingWindowInSeconds'];
    expect(queue['VisibilityTimeout']).toBeGreaterThanOrEqual(6 * Number(Timeout) + Number(window));
  });

  it.each(sources)('%s takes ten messages at a time and is bounded', (_, { Properties }) => {
    expect(Properties).toMatchObject({ BatchSize: 10, ScalingConfig: { MaximumConcurrency: 10 } });
  });

  it.each(sources)('%s gives up on a message after five deliveries', (_, { Properties }) => {
    const { RedrivePolicy } = only(running, 'AWS::SQS::Queue', named(Properties['EventSourceArn']));
    expect(RedrivePolicy).toMatchObject({ maxReceiveCount: 5 });
  });
});

describe('nothing is dropped', () => {
  it('every queue that is consumed has a dead-letter queue, and the others are dead-letter queues', () => {
    const consumed = sources.map(([, { Properties }]) => named(Properties['EventSourceArn']));
    const targets = [
      ...queues.flatMap(([, { Properties }]) =>
        Properties['RedrivePolicy'] === undefined ? [] : [deadLetterTarget(Properties['RedrivePolicy'])],
      ),
      ...deadLettersOfTargets(),
      ...ofType(running, 'AWS::Scheduler::Schedule').map(([, { Properties }]) =>
        named((Properties['Target'] as { DeadLetterConfig: { Arn: unknown } }).DeadLetterConfig.Arn),
      ),
      ...functions.flatMap(([, { Properties }]) =>
        Properties['DeadLetterConfig'] === undefined
          ? []
          : [named((Properties['DeadLetterConfig'] as { TargetArn: unknown }).TargetArn)],
      ),
    ];
    const withDeadLetters = queues.filter(([, { Properties }]) => Properties['RedrivePolicy'] !== undefined);
    const others = queues.filter(([, { Properties }]) => Properties['RedrivePolicy'] === undefined);
    expect(withDeadLetters.map(([id]) => plainId(id))).toEqual(consumed);
    expect(new Set(others.map(([id]) => plainId(id)))).toEqual(new Set(targets));
  });

  it('every function has a dead-letter queue, is fed by a queue that has one, or is called by a workflow that waits for it', () => {
    const fed = sources.map(([, { Properties }]) => named(Properties['FunctionName']));
    const called = ofType(running, 'AWS::StepFunctions::StateMachine').flatMap(([, { Properties }]) =>
      Object.values(Properties['DefinitionSubstitutions'] as object).map(named),
    );
    for (const [id, { Properties }] of functions) {
      const isWaitedFor = fed.includes(plainId(id)) || called.includes(plainId(id));
      expect([plainId(id), isWaitedFor || Properties['DeadLetterConfig'] !== undefined]).toEqual([plainId(id), true]);
    }
  });

  it('every target of every rule and schedule has a dead-letter queue', () => {
    const targets = [
      ...rules.flatMap(([, { Properties }]) => listOf(Properties['Targets'])),
      ...ofType(running, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties['Target']),
    ];
    expect(targets).toHaveLength(7);
    for (const target of targets) expect(target).toHaveProperty('DeadLetterConfig.Arn');
  });

  it('a dead letter waits for a person for 14 days, longer than a message can wait in its queue', () => {
    for (const [id, { Properties }] of queues) {
      const isDead = Properties['RedrivePolicy'] === undefined;
      expect([plainId(id), Properties['MessageRetentionPeriod']]).toEqual([plainId(id), isDead ? 1_209_600 : 604_800]);
    }
  });
});

function deadLettersOfTargets(): string[] {
  return rules
    .flatMap(([, { Properties }]) => listOf(Properties['Targets'] as { DeadLetterConfig: { Arn: unknown } }[]))
    .map(({ DeadLetterConfig }) => named(DeadLetterConfig.Arn));
}

describe('the event door', () => {
  it('lets in the source that clinic.yaml names and the canary, and nothing else', () => {
    const rule = only(running, 'AWS::Events::Rule', 'DoorRule');
    expect(rule['EventPattern']).toEqual({ source: [exampleClinic.settings.deployment.eventSource, canarySource] });
    expect(named(rule['EventBusName'])).toBe('DoorBus');
  });

  it('takes messages into its queue from its own rule only, and refuses plain HTTP', () => {
    for (const [id] of queues) {
      const policy = only(running, 'AWS::SQS::QueuePolicy', `${plainId(id)}Policy`);
      const { Statement } = policy['PolicyDocument'] as { Statement: Record<string, unknown>[] };
      expect(listOf(policy['Queues']).map(named)).toEqual([plainId(id)]);
      expect(Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
      for (const { Action, Condition, Principal } of Statement.filter(({ Effect }) => Effect === 'Allow')) {
        expect(Action).toBe('sqs:SendMessage');
        expect(Principal).toEqual({ Service: 'events.amazonaws.com' });
        expect(Object.keys((Condition as { ArnEquals: object }).ArnEquals)).toEqual(['aws:SourceArn']);
      }
    }
  });
});

describe('P04: the canary', () => {
  it('flies every hour', () => {
    expect(only(running, 'AWS::Scheduler::Schedule', 'CanaryHourlySchedule')).toMatchObject({
      ScheduleExpression: 'cron(0 * * * ? *)',
    });
  });

  it('flies after each deployment of the stack, first or later', () => {
    const rule = only(running, 'AWS::Events::Rule', 'CanaryAfterDeployment');
    expect(rule['EventPattern']).toEqual({
      source: ['aws.cloudformation'],
      'detail-type': ['CloudFormation Stack Status Change'],
      detail: {
        'stack-id': [{ Ref: 'AWS::StackId' }],
        'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] },
      },
    });
  });

  it('has the time it needs to look twenty times, two seconds apart', () => {
    expect(only(running, 'AWS::Lambda::Function', 'CanaryWorkflowFunction')['Timeout']).toBeGreaterThanOrEqual(60);
  });
});
