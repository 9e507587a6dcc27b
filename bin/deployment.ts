import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { Command } from 'commander';
import { detachedEmulator, emulatorCredentials } from './emulator/emulator.ts';

/** What the command line needs to know of a deployed Tandem. */
export interface Deployment {
  readonly stage: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A command cannot do what was asked: its message is the one line on standard error, and the exit code is 2. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export const localStage = 'local';

/** The options of every command that talks to a deployment. */
export interface DeploymentOptions {
  readonly stage: string;
  readonly clinic: string;
}

export function withDeploymentOptions(command: Command): Command {
  return command
    .option('--stage <name>', 'the deployment: the stage of its clinic.yaml, or "local" for the emulator', localStage)
    .option('--clinic <dir>', "the clinic's folder", 'clinic');
}

/**
 * Finds a deployment by the outputs of its stacks. For the local stage it points this process at the emulator on this machine.
 * @throws Refused with what to do instead.
 */
export async function findDeployment(stage: string): Promise<Deployment> {
  if (stage === localStage) {
    const emulator = detachedEmulator();
    if (emulator === undefined) throw new Refused('nothing runs on this machine: start it with npx tandem local up');
    Object.assign(process.env, emulatorCredentials(emulator.endpoint));
  }
  const client = new CloudFormationClient({});
  const outputs: Record<string, string> = {};
  for (const part of ['Data', 'Events', 'Scan', 'Audit', 'Alerts', 'Reminders', 'Api']) {
    const name = `Tandem-${stage}-${part}`;
    const stacks = await client.send(new DescribeStacksCommand({ StackName: name })).catch(nullUnlessSignedOut);
    if (stacks === null)
      throw new Refused(`no stack ${name} in this account and region: deploy it, or name another --stage`);
    for (const { OutputKey, OutputValue } of stacks.Stacks?.[0]?.Outputs ?? [])
      if (OutputKey !== undefined && OutputValue !== undefined) outputs[OutputKey] = OutputValue;
  }
  return { stage, outputs };
}

/** The SDK asks nobody for the code of a second factor, which the role that opens the audit takes. */
function nullUnlessSignedOut(error: unknown): null {
  if (error instanceof Error && error.name === 'CredentialsProviderError')
    throw new Refused(
      'AWS gives no credentials here: sign in, or set AWS_PROFILE; for a profile with mfa_serial: docs/audit.md#who-may-open-it',
    );
  return null;
}

/** The environment that the deployed functions have, so that the command line uses the same adapters. */
export function functionEnvironment({ outputs }: Deployment): Record<string, string> {
  const named = {
    CARE_TABLE: outputs['CareTable'],
    AUDIT_TABLE: outputs['AuditTable'],
    CARE_KEY_ARN: outputs['CareKeyArn'],
    AUDIT_KEY_ARN: outputs['AuditKeyArn'],
    IDENTITY_KEY_ARN: outputs['IdentityKeyArn'],
    BUS_NAME: outputs['BusName'],
    OPERATIONS_TOPIC_ARN: outputs['OperationsTopicArn'],
    STAFF_TOPIC_PREFIX: outputs['StaffTopicPrefix'],
    PAGE_URL: outputs['ApiUrl'],
    LOG_BUCKET: outputs['LogBucket'],
    STAGING_BUCKET: outputs['StagingBucket'],
    SIGNING_KEY_ARN: outputs['SigningKeyArn'],
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
