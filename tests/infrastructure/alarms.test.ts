import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
const project = fileURLToPath(new URL('../..', import.meta.url));
const operations = readFileSync(join(project, 'docs', 'operations.md'), 'utf8');
/** As GitHub makes them of headings. */
const headings = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-'),
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
      'urgent-answer-untold': 'AlertBeforeRecordFailed of tandem-example >= 1 in 300 s, missing is notBreaching',
      'event-intake-errors': 'Errors of IntakeWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'event-intake-throttles': 'Throttles of IntakeWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'events-waiting': 'ApproximateAgeOfOldestMessage of DoorQueue >= 301 in 60 s, missing is notBreaching',
      'events-late': 'EventDelay of tandem-example >= 61 in 300 s, missing is notBreaching',
      'canary-errors': 'Errors of CanaryWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'canary-silent': 'Invocations of CanaryWorkflowFunction < 1 in 7200 s, missing is breaching',
      'nightly-scan-failed': 'ExecutionsFailed of NightlyScanMachine >= 1 in 300 s, missing is notBreaching',
      'nightly-scan-timed-out': 'ExecutionsTimedOut of NightlyScanMachine >= 1 in 300 s, missing is notBreaching',
      'nightly-scan-late': 'NightLate of tandem-example >= 1 in 300 s, missing is notBreaching',
      'nightly-scan-dead-letters': dead('NightlyScanDeadLetters'),
      'patients-set-aside': 'PatientSetAside of tandem-example >= 1 in 300 s, missing is notBreaching',
      'night-unaccounted': 'NightUnaccounted of tandem-example >= 1 in 300 s, missing is notBreaching',
      'scan-watchdog-errors': 'Errors of WatchdogWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'scan-watchdog-silent': 'Invocations of WatchdogWorkflowFunction < 1 in 93600 s, missing is breaching',
      'scan-watchdog-dead-letters': dead('WatchdogDeadLetters'),
      'audit-seal-failed': 'ExecutionsFailed of SealMachine >= 1 in 300 s, missing is notBreaching',
      'audit-seal-missing': 'SealMade of tandem-example < 1 in 600 s, missing is breaching',
      'audit-seal-dead-letters': dead('SealDeadLetters'),
      'records-unreconciled': 'RecordsUnreconciled of tandem-example >= 1 in 300 s, missing is notBreaching',
      'audit-reconcile-errors': 'Errors of ReconcileWorkflowFunction >= 1 in 300 s, missing is notBreaching',
      'audit-reconcile-silent': 'Invocations of ReconcileWorkflowFunction < 1 in 93600 s, missing is breaching',
      'audit-reconcile-dead-letters': dead('ReconcileDeadLetters'),
    });
  });

  it('leave no dead-letter queue, no workflow and no function unwatched', () => {
    const watched = new Set(alarms.flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => named(Value))));
    const machines = ofType(running, 'AWS::StepFunctions::StateMachine');
    // A workflow that calls a function fails where the function does not answer at any try.
    const called = machines.flatMap(([, { Properties }]) =>
      Object.values(Properties['DefinitionSubstitutions'] as object).map(named),
    );
    const functions = ofType(running, 'AWS::Lambda::Function').filter(([id]) => !called.includes(plainId(id)));
    for (const [id] of [...ofType(running, 'AWS::SQS::Queue'), ...machines, ...functions]) {
      expect(watched).toContain(plainId(id));
    }
  });

  it('reach the e-mail address of clinic.yaml', () => {
    for (const { AlarmActions } of alarms)
      expect(AlarmActions.map(named)).toEqual([expect.stringMatching(/^(Events: )?OperationsTopic$/)]);
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
    expect(headings).toContain(id);
  });

  it('of a scan that takes too long can sound, because the workflow has a time limit', () => {
    const { DefinitionString } = only(running, 'AWS::StepFunctions::StateMachine', 'NightlyScanMachine');
    const { TimeoutSeconds } = JSON.parse(String(DefinitionString)) as { TimeoutSeconds: number };
    expect(TimeoutSeconds).toBeLessThanOrEqual(8 * 3600);
  });

  it('of the watchdog’s silence does not sound on the day that a change of the clocks makes an hour longer', () => {
    const silent = alarms[ids.indexOf('scan-watchdog-silent')];
    expect((silent?.Period ?? 0) * (silent?.EvaluationPeriods ?? 0)).toBeGreaterThan(25 * 3600);
  });
});

describe('docs/operations.md', () => {
  it('has every heading once, and every place that code or docs send a person to', () => {
    expect(headings).toEqual([...new Set(headings)]);
    const texts = [...filesUnder('functions'), ...filesUnder('bin'), ...filesUnder('lib')].map((file) =>
      readFileSync(file, 'utf8'),
    );
    const links = texts.flatMap((text) => [...text.matchAll(/docs\/operations\.md#([a-z0-9-]+)/g)].map(([, id]) => id));
    expect(links).toContain('nightly-scan');
    for (const id of links) expect(headings).toContain(id);
    for (const [, id] of operations.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(id);
  });
});

describe('a metric that the functions write themselves', () => {
  const own = alarms.filter(({ Namespace }) => Namespace === 'Tandem');

  it('is written under the name that its alarm watches', () => {
    const handlers = filesUnder('functions').filter((file) => file.endsWith('handler.ts'));
    const written = handlers.map((file) => readFileSync(file, 'utf8')).join('');
    expect(own).toHaveLength(9);
    for (const { MetricName } of own) expect(written).toContain(`'${MetricName}'`);
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

function filesUnder(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function dead(queue: string): string {
  return `ApproximateNumberOfMessagesVisible of ${queue} >= 1 in 300 s, missing is notBreaching`;
}
