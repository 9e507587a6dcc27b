import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readEnvironment, reminderEnvironment } from '../../functions/adapters/environment.ts';
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

const template = Template.fromStack(addTandem(testApp(), exampleDeployment).reminders);
const reminders = resourcesOf(template);
const round = only(reminders, 'AWS::Lambda::Function');

const idOf = (alarm: Readonly<Record<string, unknown>>) => String(alarm['AlarmName']).replace('Tandem-example-', '');

describe('the round of reminders', () => {
  it('is told what its code asks for, and nothing else', () => {
    const { Variables } = round['Environment'] as { Variables: Record<string, unknown> };
    const { NODE_OPTIONS: _, POWERTOOLS_SERVICE_NAME: __, ...told } = Variables;
    const deployed = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, `arn:${named(value)}`]));
    expect(readEnvironment(reminderEnvironment, deployed)).toEqual(deployed);
  });

  it('starts every fifteen minutes whatever the clocks do, and never by itself on the emulator', () => {
    const schedule = only(reminders, 'AWS::Scheduler::Schedule');
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(15 minutes)',
      ScheduleExpressionTimezone: exampleClinic.settings.timeZone,
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: { Input: '{}' },
    });
    expect(named((schedule['Target'] as { Arn: unknown }).Arn)).toBe('ReminderRoundMachine');
    expect(only(reminders, 'AWS::Scheduler::ScheduleGroup')).toMatchObject({ Name: 'Tandem-example-Reminders' });
    const local = resourcesOf(Template.fromStack(addTandem(testApp(), localDeployment).reminders));
    expect(only(local, 'AWS::Scheduler::Schedule')['State']).toBe('DISABLED');
  });

  it('ends before the next one starts, and lets one function at a time send, so that its pace is the account’s', () => {
    const { DefinitionString } = only(reminders, 'AWS::StepFunctions::StateMachine');
    const machine = JSON.parse(String(DefinitionString)) as {
      TimeoutSeconds: number;
      States: Record<string, { MaxConcurrency?: number }>;
    };
    expect(machine.TimeoutSeconds).toBeLessThanOrEqual(15 * 60);
    expect(machine.States['Look at every shard']).toMatchObject({ MaxConcurrency: 1 });
    expect(round['ReservedConcurrentExecutions']).toBeUndefined();
  });

  it('keeps starts that failed, logs under the clinic’s key, and leaves out of the log what steps hand each other', () => {
    const queue = only(reminders, 'AWS::SQS::Queue', 'ReminderRoundDeadLetters');
    const kept = [named(queue['KmsMasterKeyId']), queue['MessageRetentionPeriod']];
    expect(kept).toEqual(['Data: Keysmessages', 1_209_600]);
    const logs = ofType(reminders, 'AWS::Logs::LogGroup');
    expect(logs).toHaveLength(2);
    for (const [, { Properties }] of logs)
      expect([named(Properties['KmsKeyId']), Properties['RetentionInDays']]).toEqual([
        'Data: Keysoperations',
        exampleClinic.settings.deployment.logRetentionDays,
      ]);
    expect(only(reminders, 'AWS::StepFunctions::StateMachine')['LoggingConfiguration']).toMatchObject({
      IncludeExecutionData: false,
    });
  });
});

describe('the alarms of the reminders', () => {
  const alarms = ofType(reminders, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  const linesOf = (all: typeof alarms) =>
    Object.fromEntries(
      all.map((alarm) => {
        const of = listOf(alarm['Dimensions'] as { Value: unknown }[] | undefined).map(({ Value }) => named(Value));
        const sign = String(alarm['ComparisonOperator']).startsWith('LessThan') ? '<' : '>=';
        const [metric, from, periods, seconds, missing] = [
          'MetricName',
          'Threshold',
          'EvaluationPeriods',
          'Period',
          'TreatMissingData',
        ].map((key) => String(alarm[key]));
        return [
          idOf(alarm),
          `${metric} of ${of.join()} ${sign} ${from} in ${periods} x ${seconds} s, missing is ${missing}`,
        ];
      }),
    );

  it('watch all that needs a person', () => {
    expect(linesOf(alarms)).toEqual({
      'reminder-round-failed': 'ExecutionsFailed of ReminderRoundMachine >= 1 in 1 x 300 s, missing is notBreaching',
      'reminder-round-timed-out':
        'ExecutionsTimedOut of ReminderRoundMachine >= 1 in 1 x 300 s, missing is notBreaching',
      'reminder-round-silent': 'ExecutionsStarted of ReminderRoundMachine < 1 in 3 x 900 s, missing is breaching',
      'reminder-round-dead-letters':
        'ApproximateNumberOfMessagesVisible of ReminderRoundDeadLetters >= 1 in 1 x 300 s, missing is notBreaching',
      'reminders-unknown': 'ReminderUnknown of tandem-example >= 1 in 1 x 300 s, missing is notBreaching',
      'reminders-undecided': 'ReminderPatientFailed of tandem-example >= 1 in 1 x 300 s, missing is notBreaching',
      'reminder-channel-busy': 'ReminderBusy of tandem-example >= 1 in 2 x 900 s, missing is notBreaching',
      'reminder-trial-ended': 'ReminderTrialStopped of tandem-example >= 1 in 1 x 300 s, missing is notBreaching',
      'reminder-trial-unweighed': 'ReminderTrialUnweighed of tandem-example >= 1 in 1 x 300 s, missing is notBreaching',
      'sms-spend': 'SMSMonthToDateSpentUSD of  >= 0.8 in 1 x 3600 s, missing is notBreaching',
      'zone-data-old': 'ZoneDataFault of tandem-example >= 1 in 1 x 300 s, missing is notBreaching',
    });
  });

  it('of what SMS may cost follows the limit that clinic.yaml names', () => {
    const deployment = { ...exampleDeployment, smsMonthlyLimitUsd: 200 };
    const dear = resourcesOf(Template.fromStack(addTandem(testApp(), deployment).reminders));
    expect(only(dear, 'AWS::CloudWatch::Alarm', 'Alarmssmsspend')['Threshold']).toBe(160);
  });

  it('reach the operators, say what to do, and are of metrics that the function writes', () => {
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const handler = readFileSync(new URL('../../functions/reminder-round/handler.ts', import.meta.url), 'utf8');
    for (const alarm of alarms) {
      expect(listOf(alarm['AlarmActions'] as unknown[]).map(named)).toEqual(['Events: OperationsTopic']);
      expect(alarm['AlarmDescription']).toMatch(new RegExp(`^.+\\. .+\\. More: docs/operations\\.md#${idOf(alarm)}$`));
      expect(operations).toContain(`### ${idOf(alarm)}\n`);
    }
    const own = alarms.filter(({ Namespace }) => Namespace === 'Tandem');
    expect(own).toHaveLength(6);
    for (const { MetricName } of own) expect(handler).toContain(`addMetric('${String(MetricName)}'`);
  });
});

it('the stack holds nothing that another deployment could lose, and names what commands and tests rely on', () => {
  for (const { Type } of Object.values(reminders)) expect(Type).not.toMatch(/^AWS::(DynamoDB|KMS|S3|SNS)::/);
  expect(outputsOf(template)).toEqual(['ReminderRoundArn', 'ReminderRoundFunction', 'PatientTopicPrefix']);
  expect(ofType(reminders, 'AWS::IAM::Role').map(([id]) => plainId(id))).toEqual([
    'ReminderRoundWorkflowRole',
    'ReminderRoundMachineRole',
    'ReminderRoundEveryQuarterOfAnHourRole',
  ]);
});
