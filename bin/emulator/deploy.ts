/** Turns the CDK app into templates, and templates into a running stack on the emulator. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import {
  childEnvironment,
  emulatorAccount,
  emulatorCredentials,
  emulatorRegion,
  node24,
  projectRoot,
  requireLoopback,
} from './environment.ts';
import { type Progress, run } from './run.ts';

const cdkProgram = join(projectRoot, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const limitSeconds = 600;
const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** Each stack's outputs, by the stack's name and the output's. */
export type StackOutputs = z.infer<typeof outputsSchema>;

interface CdkOptions {
  cwd: string;
  extra?: Record<string, string>;
  onLine?: Progress;
}

function cdk(what: string, parameters: string[], { cwd, extra = {}, onLine }: CdkOptions): Promise<void> {
  return run(what, node24, [cdkProgram, ...parameters], {
    cwd,
    limitSeconds,
    env: childEnvironment({ CDK_DISABLE_CLI_TELEMETRY: 'true', ...extra }),
    ...(onLine === undefined ? {} : { onLine }),
  });
}

export interface SynthesizeOptions {
  /** Emptied first. */
  outDir: string;
  context: Record<string, string>;
  /** The folder of the cdk.json that names the app; the project's own by default. */
  cwd?: string;
}

/** @throws Error with the last lines of the CDK where the app, a bundle or a cdk-nag rule fails. */
export async function synthesize({ outDir, context, cwd = projectRoot }: SynthesizeOptions): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  const choices = Object.entries(context).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
  await cdk('Synthesizing the stacks', ['synth', '--quiet', '--output', outDir, ...choices], { cwd });
}

export interface DeployOptions {
  endpoint: string;
  /** What `synthesize` wrote. */
  assembly: string;
  outputsFile: string;
  progress?: Progress;
}

/**
 * Deploys all stacks of the assembly, or updates them. It can be called again after a reset.
 * @throws Error where the endpoint is not on this machine, or with the last lines of the CDK
 */
export async function deployStacks({
  endpoint,
  assembly,
  outputsFile,
  progress = () => {},
}: DeployOptions): Promise<StackOutputs> {
  requireLoopback(endpoint);
  mkdirSync(dirname(outputsFile), { recursive: true });
  rmSync(outputsFile, { force: true });
  const options = { cwd: projectRoot, extra: emulatorCredentials(endpoint) };
  progress('preparing the account');
  const account = `aws://${emulatorAccount}/${emulatorRegion}`;
  await cdk('Bootstrapping the emulator', ['bootstrap', account, '--app', assembly], options);
  progress('deploying the stacks');
  // Without a change set: nobody reviews one here, and it takes three seconds.
  const quickly = ['--require-approval', 'never', '--method', 'direct', '--progress', 'events', '--ci'];
  const deploy = ['deploy', '--all', '--app', assembly, ...quickly];
  await cdk('Deploying to the emulator', [...deploy, '--outputs-file', outputsFile], {
    ...options,
    onLine: (line) => {
      if (line.includes('✅')) progress(line.trim());
    },
  });
  return outputsSchema.parse(JSON.parse(readFileSync(outputsFile, 'utf8')));
}
