import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exampleClinic } from '../example-clinic.ts';
import { exampleDeployment, listOf, named, ofType, only, plainId, runningIn, synthesized } from './synthesis.ts';

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: unknown[];
  readonly MetricName: string;
  readonly Namespace: string;
  readonly Dimensions: { Name: string; Value: unknown }[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
  readonly EvaluationPeriods: number;
  readonly Period: number;
}

const running = runningIn(synthesized(exampleDeployment));
const alarms = ofType(running, 'AWS::CloudWatch::Alarm').map(
  ([, { Properties }]) => Properties as unknown as AlarmProperties,
);
const ids = alarms.map(({ AlarmName }) => AlarmName.replace('Tandem-example-', ''));

/** What an alarm watches and from when on it sounds, as one line. */
function line(alarm: AlarmProperties): string {
  const of = alarm.Dimensions.map(({ Value }) => named(Value)).join();
  const sign = alarm.ComparisonOperator.startsWith('LessThan') ? '<' : '>=';
  const seconds = alarm.Period * alarm.EvaluationPeriods;
  return `${alarm.MetricName} of ${of} ${sign} ${alarm.Threshold} in ${seconds} s, missing is ${alarm.TreatMissingData}`;
}

describe('the alarms', () => {
  it('watch all that needs a person', () => {
    expect(Object.fromEntries(alarms.map((alarm, place) => [ids[place], line(alarm)]))).toEqual({
      'events-dead-letters': dead('DoorDeadLetters'),
      'events-undelivered': dead('DoorUndelivered'),
      'canary-dead-letters': dead('CanaryDeadLetters'),
      'events-set-aside': 'EventSetAside of tandem-example >= 1 in 300 s, missing is notBreaching',
      'questionnaires-unreadable': 'QuestionnaireUnreadable of tandem-example >= 1 in 300 s, missing is notBreaching',
      'event-intake-errors': 'Errors of IntakeWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'event-intake-throttles': 'Throttles of IntakeWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'events-waiting': 'ApproximateAgeOfOldestMessage of DoorQueue >= 301 in 60 s, missing is notBreaching',
      'canary-errors': 'Errors of CanaryWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'canary-silent': 'Invocations of CanaryWorkflowFunction < 1 in 7200 s, missing is breaching',
    });
  });

  it('leave no dead-letter queue and no function unwatched', () => {
    const watched = new Set(alarms.flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => named(Value))));
    for (const [id] of [...ofType(running, 'AWS::SQS::Queue'), ...ofType(running, 'AWS::Lambda::Function')]) {
      expect(watched).toContain(plainId(id));
    }
  });

  it('reach the e-mail address of clinic.yaml', () => {
    for (const { AlarmActions } of alarms) expect(AlarmActions.map(named)).toEqual(['OperationsTopic']);
    expect(only(running, 'AWS::SNS::Subscription')).toMatchObject({
      Protocol: 'email',
      Endpoint: exampleClinic.settings.addresses.operations,
    });
  });

  it('may publish on the topic, and nobody else, and only encrypted on the way', () => {
    const { Statement } = only(running, 'AWS::SNS::TopicPolicy')['PolicyDocument'] as {
      Statement: Record<string, unknown>[];
    };
    expect(Statement.map(({ Effect, Principal }) => [Effect, Principal])).toEqual([
      ['Deny', '*'],
      ['Allow', { Service: 'cloudwatch.amazonaws.com' }],
    ]);
  });

  it.each(alarms)('$AlarmName says what to do and where to read on', ({ AlarmName, AlarmDescription }) => {
    const id = AlarmName.replace('Tandem-example-', '');
    expect(AlarmDescription).toMatch(new RegExp(`^.+\\. .+\\. More: docs/operations\\.md#${id}$`));
  });
});

describe('a metric that the functions write themselves', () => {
  const own = alarms.filter(({ Namespace }) => Namespace === 'Tandem');

  it('is written under the name that its alarm watches', () => {
    const handler = readFileSync(new URL('../../functions/event-intake/handler.ts', import.meta.url), 'utf8');
    expect(own).toHaveLength(2);
    for (const { MetricName } of own) expect(handler).toContain(`'${MetricName}'`);
  });

  it('is written in the namespace and with the one dimension that its alarm watches', async () => {
    const intake = only(running, 'AWS::Lambda::Function', 'IntakeWorkflowFunction');
    const { Variables } = intake['Environment'] as { Variables: Record<string, string> };
    process.env['POWERTOOLS_SERVICE_NAME'] = Variables['POWERTOOLS_SERVICE_NAME'];
    const { metrics } = await import('../../functions/adapters/telemetry.ts');
    metrics.addMetric('EventSetAside', 'Count', 1);
    const written = metrics.serializeMetrics();
    metrics.clearMetrics();
    const [declared] = written['_aws'].CloudWatchMetrics;
    const dimensions = listOf(declared?.Dimensions[0]).map((Name) => ({ Name, Value: written[Name] }));
    for (const alarm of own) {
      expect(alarm.Namespace).toBe(declared?.Namespace);
      expect(alarm.Dimensions).toEqual(dimensions);
    }
  });
});

function dead(queue: string): string {
  return `ApproximateNumberOfMessagesVisible of ${queue} >= 1 in 300 s, missing is notBreaching`;
}
