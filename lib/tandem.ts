import { type App, CliCredentialsStackSynthesizer, type StackProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { acknowledge } from './acknowledgements.ts';
import { AlertsStack } from './alerts-stack.ts';
import { ApiStack } from './api-stack.ts';
import { AuditStack } from './audit-stack.ts';
import { BackupStack } from './backup-stack.ts';
import { DashboardStack } from './dashboard-stack.ts';
import { DataStack } from './data-stack.ts';
import { type Deployment, isLocal, stageName } from './deployment.ts';
import { EventsStack } from './events-stack.ts';
import { RemindersStack } from './reminders-stack.ts';
import { ScanStack } from './scan-stack.ts';

/** The stacks of one stage. Synthesis fails on any finding of cdk-nag that is not acknowledged with a reason. */
export function addTandem(
  app: App,
  deployment: Deployment,
): {
  readonly data: DataStack;
  readonly events: EventsStack;
  readonly scan: ScanStack;
  readonly audit: AuditStack;
  readonly alerts: AlertsStack;
  readonly reminders: RemindersStack;
  readonly api: ApiStack;
  /** Not in the local stage: the emulator has no backups. */
  readonly backup: BackupStack | undefined;
  /** Not in the local stage: nobody looks at it there. */
  readonly dashboard: DashboardStack | undefined;
} {
  const props = { deployment, ...placeOf(deployment) };
  const data = new DataStack(app, `${stageName(deployment)}-Data`, {
    ...props,
    terminationProtection: !isLocal(deployment),
  });
  const events = new EventsStack(app, `${stageName(deployment)}-Events`, { ...props, data });
  const scan = new ScanStack(app, `${stageName(deployment)}-Scan`, { ...props, data, topic: events.topic });
  const audit = new AuditStack(app, `${stageName(deployment)}-Audit`, { ...props, data, topic: events.topic });
  const { topic, bus } = events;
  const reminders = new RemindersStack(app, `${stageName(deployment)}-Reminders`, { ...props, data, topic });
  const api = new ApiStack(app, `${stageName(deployment)}-Api`, { ...props, data, topic, bus });
  const pageUrl = api.api.url;
  const alerts = new AlertsStack(app, `${stageName(deployment)}-Alerts`, { ...props, data, topic, pageUrl });
  const backup = isLocal(deployment)
    ? undefined
    : new BackupStack(app, `${stageName(deployment)}-Backup`, { ...props, data, topic: events.topic });
  const watched = [data, events, scan, audit, alerts, reminders, api, ...(backup === undefined ? [] : [backup])];
  const dashboard = isLocal(deployment)
    ? undefined
    : new DashboardStack(app, `${stageName(deployment)}-Dashboard`, { ...props, watched });
  for (const stack of [...watched, ...(dashboard === undefined ? [] : [dashboard])])
    Tags.of(stack).add('tandem:stage', deployment.stage);

  acknowledge(
    {
      Data: data,
      Events: events,
      Scan: scan,
      Audit: audit,
      Alerts: alerts,
      Reminders: reminders,
      Api: api,
      Backup: backup,
    },
    deployment,
  );
  checkWithNag(app);
  return { data, events, scan, audit, alerts, reminders, api, backup, dashboard };
}

/** From here on the app's synthesis fails on a finding of either pack. */
export function checkWithNag(app: App): void {
  Validations.of(app).addPlugins(new HIPAASecurityChecks(app), new AwsSolutionsChecks(app));
}

function placeOf(deployment: Deployment): StackProps {
  const { account, region } = deployment;
  const env = { region, ...(account === undefined ? {} : { account }) };
  if (!isLocal(deployment)) return { env };
  // An emulator that enforces IAM refuses the roles which a deployment otherwise takes on.
  const synthesizer = new CliCredentialsStackSynthesizer();
  // @ts-expect-error -- the CDK's class does not fit the CDK's interface under exactOptionalPropertyTypes
  return { env, synthesizer };
}
