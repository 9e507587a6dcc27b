import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import {
  alertDriverEnvironment,
  alertEnvironment,
  alertWorkflowEnvironment,
  readEnvironment,
} from '../../functions/adapters/environment.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import { claimMilliseconds } from '../../functions/dispatch-alert.ts';
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
  type Resource,
  resourcesOf,
  testApp,
} from './synthesis.ts';

const stacks = addTandem(testApp(), exampleDeployment);
const template = Template.fromStack(stacks.alerts);
const data = resourcesOf(Template.fromStack(stacks.data));
const alerts = resourcesOf(template);
const { staff } = exampleClinic.escalation;
const sweep = only(alerts, 'AWS::Lambda::Function', 'AlertSweepWorkflowFunction');

const steps = only(alerts, 'AWS::Lambda::Function', 'TherapistAlertWorkflowFunction');
const driver = only(alerts, 'AWS::Lambda::Function', 'TherapistAlertDriverFunction');

/** What the code reads of a function's environment, with a text that passes for an ARN in place of each reference. */
function toldTo(lambda: Resource['Properties']): Record<string, string> {
  const { Variables } = lambda['Environment'] as { Variables: Record<string, unknown> };
  expect(Object.keys(Variables)).toContain('NODE_OPTIONS');
  const { NODE_OPTIONS: _, POWERTOOLS_SERVICE_NAME: __, ...told } = Variables;
  return Object.fromEntries(Object.entries(told).map(([key, value]) => [key, `arn:${named(value)}`]));
}

const idOf = (alarm: Readonly<Record<string, unknown>>) => String(alarm['AlarmName']).replace('Tandem-example-', '');

describe('the topics of the staff', () => {
  const topics = ofType(alerts, 'AWS::SNS::Topic').map(([, { Properties }]) => Properties);

  it('are one for each person of escalation.yaml, whose name says nothing of the person', () => {
    expect(topics.map(({ TopicName }) => TopicName)).toEqual(
      staff.map(({ id }) => `Tandem-example-staff-${staffTopicSuffix(id)}`),
    );
    expect(new Set(topics.map(({ TopicName }) => TopicName)).size).toBe(staff.length);
    const text = JSON.stringify(alerts);
    for (const { id, email } of staff)
      for (const seed of [`"${id}"`, `-${id}"`, email]) expect(text).not.toContain(seed);
  });

  it('come and go with the staff', () => {
    const deployment = { ...exampleDeployment, staff: ['t-7', 'new-one'] };
    const changed = resourcesOf(Template.fromStack(addTandem(testApp(), deployment).alerts));
    expect(ofType(changed, 'AWS::SNS::Topic').map(([, { Properties }]) => Properties['TopicName'])).toEqual([
      `Tandem-example-staff-${staffTopicSuffix('t-7')}`,
      `Tandem-example-staff-${staffTopicSuffix('new-one')}`,
    ]);
    const many = Array.from({ length: 201 }, (_, number) => `t-${number}`);
    expect(() => addTandem(testApp(), { ...exampleDeployment, staff: many })).toThrow('one stack holds 200');
  });

  it('are encrypted under the clinic’s key and take nothing over plain HTTP', () => {
    for (const { KmsMasterKeyId } of topics) expect(named(KmsMasterKeyId)).toBe('Data: Keysoperations');
    const policies = ofType(alerts, 'AWS::SNS::TopicPolicy');
    expect(policies).toHaveLength(staff.length);
    for (const [, { Properties }] of policies)
      expect(Properties['PolicyDocument']).toMatchObject({
        Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      });
  });

  it('P15: have no subscription of CloudFormation’s, which a mail scanner could cancel', () => {
    expect(ofType(alerts, 'AWS::SNS::Subscription')).toEqual([]);
  });
});

describe('the sweep of alerts', () => {
  it('is told what its code asks for, and nothing else', () => {
    const deployed = toldTo(sweep);
    expect(readEnvironment(alertEnvironment, deployed)).toEqual(deployed);
  });

  it('runs every five minutes, sends the lists every morning, and compares who can be reached every hour, each with a dead-letter queue', () => {
    const schedules = ofType(alerts, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties);
    expect(
      schedules.map(({ ScheduleExpression, Target, State, FlexibleTimeWindow }) => {
        const { Arn, Input, DeadLetterConfig } = Target as {
          Arn: unknown;
          Input: string;
          DeadLetterConfig: { Arn: unknown };
        };
        expect([State, FlexibleTimeWindow, named(DeadLetterConfig.Arn)]).toEqual([
          'ENABLED',
          { Mode: 'OFF' },
          'AlertSweepDeadLetters',
        ]);
        return [ScheduleExpression, named(Arn), Input];
      }),
    ).toEqual([
      ['rate(5 minutes)', 'AlertSweepWorkflowFunction', '{"step":"sweep"}'],
      ['cron(30 7,8 * * ? *)', 'AlertSweepWorkflowFunction', '{"step":"morning-list"}'],
      ['cron(5 * * * ? *)', 'AlertSweepWorkflowFunction', '{"step":"compare"}'],
    ]);
    const local = resourcesOf(Template.fromStack(addTandem(testApp(), localDeployment).alerts));
    for (const [, { Properties }] of ofType(local, 'AWS::Scheduler::Schedule'))
      expect(Properties['State']).toBe('DISABLED');
  });

  it('and the steps of the workflow end before their claims run out: nobody sends beside a run that still lives', () => {
    for (const sender of [sweep, steps]) expect(Number(sender['Timeout']) * 1000).toBeLessThan(claimMilliseconds);
  });

  it('has its dead-letter queue and its log under the clinic’s keys', () => {
    const queue = only(alerts, 'AWS::SQS::Queue', 'AlertSweepDeadLetters');
    expect([named(queue['KmsMasterKeyId']), queue['MessageRetentionPeriod']]).toEqual([
      'Data: Keysmessages',
      1_209_600,
    ]);
    expect(named((sweep['DeadLetterConfig'] as { TargetArn: unknown }).TargetArn)).toBe('AlertSweepDeadLetters');
    const log = only(alerts, 'AWS::Logs::LogGroup', 'AlertSweepWorkflowLog');
    expect([named(log['KmsKeyId']), log['RetentionInDays']]).toEqual([
      'Data: Keysoperations',
      exampleClinic.settings.deployment.logRetentionDays,
    ]);
  });
});

describe('the alarms of the alerts', () => {
  const alarms = ofType(alerts, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

  it('watch all that needs a person', () => {
    const lines = alarms.map((alarm) => {
      const of = (alarm['Dimensions'] as { Value: unknown }[]).map(({ Value }) => named(Value)).join();
      const sign = String(alarm['ComparisonOperator']).startsWith('LessThan') ? '<' : '>=';
      return [
        idOf(alarm),
        `${String(alarm['MetricName'])} of ${of} ${sign} ${String(alarm['Threshold'])} in ${String(alarm['Period'])} s, missing is ${String(alarm['TreatMissingData'])}`,
      ];
    });
    expect(Object.fromEntries(lines)).toEqual({
      'urgent-alert-late': 'UrgentAlertDelay of tandem-example >= 61 in 300 s, missing is notBreaching',
      'alert-dispatch-failed': 'AlertDispatchFailed of tandem-example >= 1 in 300 s, missing is notBreaching',
      'alert-undeliverable': 'AlertUndeliverable of tandem-example >= 1 in 300 s, missing is notBreaching',
      'morning-list-failed': 'MorningListFailed of tandem-example >= 1 in 300 s, missing is notBreaching',
      'alert-sweep-errors': 'Errors of AlertSweepWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'alert-sweep-silent': 'Invocations of AlertSweepWorkflowFunction < 1 in 900 s, missing is breaching',
      'alert-sweep-dead-letters':
        'ApproximateNumberOfMessagesVisible of AlertSweepDeadLetters >= 1 in 300 s, missing is notBreaching',
      'alert-workflow-failed': 'ExecutionsFailed of TherapistAlertMachine >= 1 in 300 s, missing is notBreaching',
      'alert-workflow-errors': 'Errors of TherapistAlertWorkflowFunction >= 5 in 300 s, missing is notBreaching',
      'alert-driver-late': 'IteratorAge of TherapistAlertDriverFunction >= 120000 in 300 s, missing is notBreaching',
      'alert-driver-dead-letters':
        'ApproximateNumberOfMessagesVisible of TherapistAlertDeadLetters >= 1 in 300 s, missing is notBreaching',
      'staff-without-mail': 'StaffWithoutMail of tandem-example >= 1 in 3600 s, missing is notBreaching',
    });
  });

  it('reach the operators, say what to do, and are of metrics that the function writes', () => {
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const handler = readFileSync(new URL('../../functions/alert-sweep/handler.ts', import.meta.url), 'utf8');
    for (const alarm of alarms) {
      expect(listOf(alarm['AlarmActions'] as unknown[]).map(named)).toEqual(['Events: OperationsTopic']);
      expect(alarm['AlarmDescription']).toMatch(new RegExp(`^.+\\. .+\\. More: docs/operations\\.md#${idOf(alarm)}$`));
      expect(operations).toContain(`### ${idOf(alarm)}\n`);
    }
    const workflow = readFileSync(new URL('../../functions/alert-workflow/handler.ts', import.meta.url), 'utf8');
    for (const metric of ['AlertDispatchFailed', 'AlertUndeliverable'])
      expect(workflow).toContain(`addMetric('${metric}'`);
    const own = alarms.filter(({ Namespace }) => Namespace === 'Tandem');
    expect(own).toHaveLength(5);
    for (const { MetricName } of own) expect(handler).toContain(`addMetric('${String(MetricName)}'`);
  });
});

describe('the workflow of an alert', () => {
  it('is told what its code asks for, and nothing else', () => {
    expect(readEnvironment(alertWorkflowEnvironment, toldTo(steps))).toEqual(toldTo(steps));
    expect(readEnvironment(alertDriverEnvironment, toldTo(driver))).toEqual(toldTo(driver));
  });

  it('P10, P23: is driven by the changes of alerts only, from the oldest there is; what fails does not keep the others back', () => {
    const { FilterCriteria, EventSourceArn, FunctionName, DestinationConfig, ...how } = only(
      alerts,
      'AWS::Lambda::EventSourceMapping',
    );
    expect([named(EventSourceArn), named(FunctionName)]).toEqual([
      'Data: CareTable/stream',
      'TherapistAlertDriverFunction',
    ]);
    expect(FilterCriteria).toEqual({
      Filters: [{ Pattern: '{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"alert#"}]}}}}' }],
    });
    const { OnFailure } = DestinationConfig as { OnFailure: { Destination: unknown } };
    expect(named(OnFailure.Destination)).toBe('TherapistAlertDeadLetters');
    expect(how).toMatchObject({
      BatchSize: 10,
      BisectBatchOnFunctionError: true,
      Enabled: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 3,
      StartingPosition: 'TRIM_HORIZON',
    });
    expect(how).not.toHaveProperty('MaximumBatchingWindowInSeconds');
    const local = resourcesOf(Template.fromStack(addTandem(testApp(), localDeployment).alerts));
    expect(only(local, 'AWS::Lambda::EventSourceMapping')['Enabled']).toBe(false);
  });

  it('follows a stream that says which item has changed and nothing of what is in it', () => {
    const table = only(data, 'AWS::DynamoDB::GlobalTable', 'CareTable');
    expect(table['StreamSpecification']).toEqual({ StreamViewType: 'KEYS_ONLY' });
    expect(only(data, 'AWS::DynamoDB::GlobalTable', 'AuditTable')).not.toHaveProperty('StreamSpecification');
  });

  it('logs each step without what the steps hand each other', () => {
    const { LoggingConfiguration, StateMachineType } = only(alerts, 'AWS::StepFunctions::StateMachine');
    expect([StateMachineType, LoggingConfiguration]).toEqual([
      'STANDARD',
      expect.objectContaining({ IncludeExecutionData: false, Level: 'ALL' }),
    ]);
  });
});

it('the stack holds nothing that another deployment could lose but its topics, and names what commands rely on', () => {
  for (const { Type } of Object.values(alerts)) expect(Type).not.toMatch(/^AWS::(DynamoDB|KMS|S3)::/);
  expect(outputsOf(template)).toEqual([
    'AlertSweepFunction',
    'AlertWorkflowFunction',
    'AlertDriverFunction',
    'TherapistAlertArn',
    'StaffTopicPrefix',
  ]);
  expect(ofType(alerts, 'AWS::IAM::Role').map(([id]) => plainId(id))).toEqual([
    'AlertSweepWorkflowRole',
    'AlertSweepEveryFiveMinutesRole',
    'AlertSweepMorningRole',
    'AlertSweepHourlyRole',
    'TherapistAlertWorkflowRole',
    'TherapistAlertMachineRole',
    'TherapistAlertDriverRole',
  ]);
});
