import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Clinic } from '../functions/domain/clinic.ts';
import type { SignIn } from '../functions/domain/sign-in.ts';

/** One stage of one clinic, as the stacks need it. */
export interface Deployment {
  /** Part of every physical name, so that stages stand side by side in one account. `local` is the emulator's. */
  readonly stage: string;
  /** 12 digits. Default: the account of whoever deploys. */
  readonly account?: string;
  readonly region: string;
  /** IANA name; schedules run on this clock. */
  readonly timeZone: string;
  /** When the nightly scan starts, on that clock, such as "02:00". */
  readonly nightlyScanAt: string;
  /** When the staff get their morning list, on that clock, such as "07:30". */
  readonly morningListAt: string;
  /** Gets the alarms by e-mail. */
  readonly operationsEmail: string;
  /** The `source` of the programme's events. */
  readonly eventSource: string;
  /** How long logs are kept. */
  readonly logRetention: RetentionDays;
  /** Whether X-Ray follows the calls of functions and workflows. */
  readonly tracing: boolean;
  /** When tables are backed up, on that clock, for how many days a backup is kept, and whether its lock can be lifted. */
  readonly backup: Clinic['settings']['deployment']['backup'];
  /** Names of tables that were restored in the place of this stage's own, and the stream of the first. */
  readonly tables: NonNullable<Clinic['settings']['deployment']['tables']>;
  /** How long the audit is kept, in years. */
  readonly auditRetentionYears: number;
  /** The staff ids of escalation.yaml: everybody whom an alert can reach. */
  readonly staff: readonly string[];
  /** The clinic's own sign-in; null: Tandem brings one. */
  readonly signIn: SignIn | null;
  /** Where the care team signs in. */
  readonly portalUrl: string;
  /** What AWS lets the account spend on SMS in a month, in US dollars. */
  readonly smsMonthlyLimitUsd: number;
  /** What every function reads as clinic.json. */
  readonly clinicFile: string;
}

export const localStage = 'local';

/**
 * Where the emulator is, as bin/emulator says too. No AWS account has this number, so the unprotected local stage cannot land
 * in a real one.
 */
const emulator = { account: '000000000000', region: 'eu-north-1' };

/** @param stage replaces the clinic's own, such as `local` for the emulator */
export function deploymentOf(clinic: Clinic, stage: string = clinic.settings.deployment.stage): Deployment {
  const { timeZone, addresses, auditRetentionYears, deployment, signIn, portalUrl } = clinic.settings;
  const { account, region } = deployment;
  const where = stage === localStage ? emulator : { region, ...(account === undefined ? {} : { account }) };
  return {
    stage,
    ...where,
    timeZone,
    nightlyScanAt: deployment.nightlyScanAt,
    morningListAt: deployment.morningListAt,
    operationsEmail: addresses.operations,
    eventSource: deployment.eventSource,
    logRetention: retentionOf(deployment.logRetentionDays),
    tracing: deployment.tracing,
    backup: deployment.backup,
    tables: deployment.tables ?? {},
    auditRetentionYears,
    staff: clinic.escalation.staff.map(({ id }) => id),
    signIn: signIn ?? null,
    portalUrl,
    smsMonthlyLimitUsd: clinic.settings.sending.sms.monthlyLimitUsd,
    clinicFile: `${JSON.stringify(clinic, null, 2)}\n`,
  };
}

/** CloudWatch Logs knows certain numbers of days only. */
function retentionOf(days: number): RetentionDays {
  const known = Object.values(RetentionDays).find((value) => Number(value) === days);
  if (typeof known !== 'number') throw new Error(`CloudWatch Logs cannot keep a log for ${days} days`);
  return known;
}

export function isLocal({ stage }: Pick<Deployment, 'stage'>): boolean {
  return stage === localStage;
}

/** What a person would miss stays when its stack goes. On the emulator nothing stays. */
export function removalOf(deployment: Pick<Deployment, 'stage'>): RemovalPolicy {
  return isLocal(deployment) ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}

/** The IAM path of every function's role: what a key or table policy says of "the functions" it says of this path. */
export function functionRolePath({ stage }: Pick<Deployment, 'stage'>): string {
  return `/tandem/${stage}/functions/`;
}

/** The IAM path of the sealer's role alone: what the policy of the signing key says of the sealer it says of this path. */
export function sealerRolePath(deployment: Pick<Deployment, 'stage'>): string {
  return `${functionRolePath(deployment)}sealer/`;
}

/** The IAM path of the one role that opens audit records: what the policy of the audit key says of it, it says of this path. */
export function auditExportRolePath({ stage }: Pick<Deployment, 'stage'>): string {
  return `/tandem/${stage}/audit-export/`;
}

/** Matches the ARN of every role on an IAM path, such as `functionRolePath` of a stage, and no other role. */
export function rolesOn(scope: Construct, path: string): string {
  const { partition } = Stack.of(scope);
  return `arn:${partition}:iam::${Aws.ACCOUNT_ID}:role${path}*`;
}

/** The start of every physical name that a person reads: alarms, the bus, schedules. */
export function stageName({ stage }: Pick<Deployment, 'stage'>): string {
  return `Tandem-${stage}`;
}
