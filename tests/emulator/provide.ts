/** Starts an emulator for one suite, and tells its tests where it is: `inject('emulator')`. */
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import {
  deployStacks,
  type Emulator,
  type EmulatorOptions,
  ensureInstalled,
  type StackOutputs,
  startEmulator,
  workFolder,
} from '../../bin/emulator/emulator.ts';
import { testAssembly } from './assembly.ts';

declare module 'vitest' {
  interface ProvidedContext {
    emulator: {
      endpoint: string;
      /** What the functions and the emulator printed: a place to look for leaked text. Empty for a foreign emulator. */
      logFile: string;
      /** By stack and name; empty in the contract suite, which deploys nothing. */
      outputs: StackOutputs;
    };
  }
}

type Teardown = () => Promise<void>;

const printLine = (line: string) => process.stderr.write(`emulator: ${line}\n`);

async function start(suite: string, options: Partial<EmulatorOptions>): Promise<Emulator> {
  await ensureInstalled({ progress: printLine });
  return startEmulator({
    logFile: join(workFolder, 'logs', `${suite}.log`),
    // With roles enforced, a missing grant fails a test.
    auth: process.env['TANDEM_EMULATOR_AUTH'] === 'true',
    ...options,
  });
}

/** An emulator with nothing in it; or the one that TANDEM_TEST_ENDPOINT names, to run the same suite on another. */
export async function provideEmulator(project: TestProject): Promise<Teardown> {
  const foreign = process.env['TANDEM_TEST_ENDPOINT'];
  if (foreign !== undefined) {
    project.provide('emulator', { endpoint: foreign, logFile: '', outputs: {} });
    return async () => {};
  }
  const emulator = await start(project.name, {});
  const { endpoint, logFile } = emulator;
  project.provide('emulator', { endpoint, logFile, outputs: {} });
  return () => emulator.stop();
}

/** An emulator with all stacks of the local stage. */
export async function provideStack(project: TestProject, options: Partial<EmulatorOptions> = {}): Promise<Teardown> {
  const assembly = await testAssembly();
  const emulator = await start(project.name, options);
  try {
    const { endpoint, logFile } = emulator;
    const outputsFile = join(workFolder, 'logs', `${project.name}.outputs.json`);
    const outputs = await deployStacks({ endpoint, assembly, outputsFile });
    project.provide('emulator', { endpoint, logFile, outputs });
  } catch (error) {
    await emulator.stop();
    throw error;
  }
  return () => emulator.stop();
}
