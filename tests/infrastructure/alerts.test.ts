import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { alertEnvironment, readEnvironment } from '../../functions/adapters/environment.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import { claimMilliseconds } from '../../functions/alert-sweep/dispatch.ts';
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

const template = Template.fromStack(addTandem(testApp(), exampleDeployment).alerts);
const alerts = resourcesOf(template);
const { staff } = exampleClinic.escalation;
const sweep = only(alerts, 'AWS::Lambda::Function');

interface Statement {
  readonly Action: string | string[];
  readonly Effect: string;
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function rowsOf(policy: string): string[] {
  const { Statement } = only(alerts, 'AWS::IAM::ManagedPolicy', policy)['PolicyDocument'] as { Statement: Statement[] };
  return Statement.flatMap(({ Action, Resource, Effect, Condition }) =>
    listOf(Action).map((action) => {
      const when = Object.values(Condition ?? {})
        .flatMap(Object.entries)
        .map(([key, value]) => ` if ${key} = ${named(value)}`);
      return `${Effect === 'Allow' ? '' : `${Effect} `}${action} on ${named(Resource)}${when.join('')}`;
    }),
  );
}

const atRest = (key: string) =>
  [
    'Decrypt',
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
  ].map((action) => `kms:${action} on ${key} if kms:ViaService = dynamodb.us-east-1.amazonaws.com`);

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
  it('may read and write the tables, write to the staff and to the operators, and do nothing else', () => {
    expect(rowsOf('AlertSweepWorkflowPolicy').toSorted()).toEqual(
      [
        'logs:CreateLogStream on AlertSweepWorkflowLog',
        'logs:PutLogEvents on AlertSweepWorkflowLog',
        'dynamodb:GetItem on Data: CareTable',
        'dynamodb:PutItem on Data: CareTable',
        'dynamodb:Query on Data: CareTable/index/due',
        ...atRest('Data: Keyscare'),
        'dynamodb:PutItem on Data: AuditTable',
        ...atRest('Data: Keysaudit'),
        'kms:Decrypt on Data: Keyscare',
        'sns:Publish on Events: OperationsTopic',
        'sns:ListSubscriptionsByTopic on arn:aws:sns:us-east-1:AWS::AccountId:Tandem-example-staff-*',
        'sns:Publish on arn:aws:sns:us-east-1:AWS::AccountId:Tandem-example-staff-*',
        'kms:Decrypt on Data: Keysoperations',
        'kms:GenerateDataKey on Data: Keysoperations',
        'sqs:SendMessage on AlertSweepDeadLetters',
        'kms:Decrypt on Data: Keysmessages',
        'kms:GenerateDataKey on Data: Keysmessages',
      ].toSorted(),
    );
    for (const schedule of ['EveryMinute', 'Hourly'])
      expect(rowsOf(`AlertSweep${schedule}Policy`)).toEqual([
        'lambda:InvokeFunction on AlertSweepWorkflowFunction',
        'sqs:SendMessage on AlertSweepDeadLetters',
        'kms:Decrypt on Data: Keysmessages',
        'kms:GenerateDataKey on Data: Keysmessages',
      ]);
  });

  it('is told what its code asks for, and nothing else', () => {
    const { Variables } = sweep['Environment'] as { Variables: Record<string, unknown> };
    const { NODE_OPTIONS: _, POWERTOOLS_SERVICE_NAME: __, ...told } = Variables;
    const deployed = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, `arn:${named(value)}`]));
    expect(readEnvironment(alertEnvironment, deployed)).toEqual(deployed);
    expect(Object.keys(Variables)).toContain('NODE_OPTIONS');
  });

  it('runs every minute, and compares who can be reached every hour, each with a dead-letter queue', () => {
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
      ['cron(* * * * ? *)', 'AlertSweepWorkflowFunction', '{"step":"sweep"}'],
      ['cron(5 * * * ? *)', 'AlertSweepWorkflowFunction', '{"step":"compare"}'],
    ]);
    const local = resourcesOf(Template.fromStack(addTandem(testApp(), localDeployment).alerts));
    for (const [, { Properties }] of ofType(local, 'AWS::Scheduler::Schedule'))
      expect(Properties['State']).toBe('DISABLED');
  });

  it('ends before the next one starts, and before its claims run out: nobody sends beside a run that still lives', () => {
    expect(sweep['Timeout']).toBeLessThan(60);
    expect(Number(sweep['Timeout']) * 1000).toBeLessThan(claimMilliseconds);
  });

  it('has its dead-letter queue and its log under the clinic’s keys', () => {
    const queue = only(alerts, 'AWS::SQS::Queue', 'AlertSweepDeadLetters');
    expect([named(queue['KmsMasterKeyId']), queue['MessageRetentionPeriod']]).toEqual([
      'Data: Keysmessages',
      1_209_600,
    ]);
    expect(named((sweep['DeadLetterConfig'] as { TargetArn: unknown }).TargetArn)).toBe('AlertSweepDeadLetters');
    const log = only(alerts, 'AWS::Logs::LogGroup');
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
      'alert-dispatch-failed': 'AlertDispatchFailed of tandem-example >= 1 in 300 s, missing is notBreaching',
      'alert-undeliverable': 'AlertUndeliverable of tandem-example >= 1 in 300 s, missing is notBreaching',
      'alert-sweep-errors': 'Errors of AlertSweepWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'alert-sweep-silent': 'Invocations of AlertSweepWorkflowFunction < 1 in 300 s, missing is breaching',
      'alert-sweep-dead-letters':
        'ApproximateNumberOfMessagesVisible of AlertSweepDeadLetters >= 1 in 300 s, missing is notBreaching',
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
    const own = alarms.filter(({ Namespace }) => Namespace === 'Tandem');
    expect(own).toHaveLength(3);
    for (const { MetricName } of own) expect(handler).toContain(`addMetric('${String(MetricName)}'`);
  });
});

it('the stack holds nothing that another deployment could lose but its topics, and names what commands rely on', () => {
  for (const { Type } of Object.values(alerts)) expect(Type).not.toMatch(/^AWS::(DynamoDB|KMS|S3)::/);
  expect(outputsOf(template)).toEqual(['AlertSweepFunction', 'StaffTopicPrefix']);
  expect(ofType(alerts, 'AWS::IAM::Role').map(([id]) => plainId(id))).toEqual([
    'AlertSweepWorkflowRole',
    'AlertSweepEveryMinuteRole',
    'AlertSweepHourlyRole',
  ]);
});
