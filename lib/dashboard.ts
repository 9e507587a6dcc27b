import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  AlarmWidget,
  CfnAlarm,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, type IConstruct } from 'constructs';
import { type Deployment, stageName } from './deployment.ts';
import { serviceName } from './workflow-function.ts';

export interface DashboardProps {
  readonly deployment: Deployment;
  /** Where to look for alarms: whatever else is among them is passed over. */
  readonly constructs: readonly IConstruct[];
}

/** How well Tandem promises to do, what it measures of that, and the alarm that sounds where it fails. */
const objectives = [
  { title: 'Event to state: 1 minute', metric: 'EventDelay', limit: 60, label: 'seconds' },
  { title: 'Urgent alert to its first e-mail: 60 seconds', metric: 'UrgentAlertDelay', limit: 60, label: 'seconds' },
  { title: 'Night done by 06:00: length of the scan', metric: 'NightSeconds', limit: null, label: 'seconds' },
  { title: 'Age of the newest seal: 10 minutes', metric: 'SealAge', limit: 600, label: 'seconds' },
] as const;

const fullWidth = 24;
const mostAlarmsInOneWidget = 100;

/**
 * From top to bottom: what sounds, whether the promises are kept, and one picture for each alarm, with its threshold: queues and
 * dead letters, errors of functions, workflows. Each is named as docs/operations.md names it.
 */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { deployment, constructs }: DashboardProps) {
    super(scope, id);
    const groups = this.#alarmsByStack(deployment, constructs);
    const page = new CloudWatchDashboard(this, 'Page', {
      dashboardName: stageName(deployment),
      defaultInterval: Duration.days(1),
    });
    page.addWidgets(new TextWidget({ markdown: whatToDo(deployment), width: fullWidth, height: 4 }));
    for (const [title, alarms] of groups) {
      if (alarms.length > mostAlarmsInOneWidget)
        throw new Error(`a widget of CloudWatch shows ${mostAlarmsInOneWidget} alarms at most: part those of ${title}`);
      page.addWidgets(
        new AlarmStatusWidget({ title, alarms, width: fullWidth, height: 1 + Math.ceil(alarms.length / 4) }),
      );
    }
    page.addWidgets(...objectives.map((objective) => pictureOf(deployment, objective)));
    for (const [title, alarms] of groups) {
      page.addWidgets(new TextWidget({ markdown: `## ${title}`, width: fullWidth, height: 1 }));
      page.addWidgets(
        ...alarms.map((alarm) => new AlarmWidget({ title: alarm.alarmName, alarm, width: 6, height: 5 })),
      );
    }
  }

  /** By name only: a reference would tie this stack to the one of the alarm. */
  #alarmsByStack(deployment: Deployment, constructs: readonly IConstruct[]): Map<string, IAlarm[]> {
    const groups = new Map<string, IAlarm[]>();
    for (const one of constructs) {
      if (!(one instanceof CfnAlarm) || one.alarmName === undefined) continue;
      const part = Stack.of(one).node.id.replace(`${stageName(deployment)}-`, '');
      const arn = Stack.of(this).formatArn({
        service: 'cloudwatch',
        resource: 'alarm',
        resourceName: one.alarmName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
      groups.set(part, [...(groups.get(part) ?? []), Alarm.fromAlarmArn(this, one.alarmName, arn)]);
    }
    return groups;
  }
}

function whatToDo({ stage }: Deployment): string {
  return [
    `# Tandem, ${stage}`,
    'An alarm below is red? Its name is a heading in **docs/operations.md** of the project: what it means, what to check, what to do.',
    `The same on the command line, with last night, open alerts, seals and dead letters: \`npx tandem status --stage ${stage}\`.`,
  ].join('\n\n');
}

function pictureOf(deployment: Deployment, { title, metric, limit, label }: (typeof objectives)[number]): IWidget {
  return new GraphWidget({
    title,
    width: 6,
    height: 6,
    left: [
      new Metric({
        namespace: 'Tandem',
        metricName: metric,
        dimensionsMap: { service: serviceName(deployment) },
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(5),
        label: 'longest',
      }),
    ],
    leftYAxis: { min: 0, label, showUnits: false },
    leftAnnotations: limit === null ? [] : [{ value: limit, label: 'promised', color: '#d13212' }],
  });
}
