import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { loadClinic } from '../../bin/clinic-folder.ts';
import { functionEnvironment } from '../../bin/deployment.ts';
import {
  deployStacks,
  type Emulator,
  type EmulatorOptions,
  emulatorCredentials,
  type StackOutputs,
  startEmulator,
  workFolder,
} from '../../bin/emulator/emulator.ts';
import { operatorPorts } from '../../functions/adapters/compose.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { testAssembly } from '../emulator/assembly.ts';
import { exampleClinic } from '../example-clinic.ts';

/** The deployed stack as the tests see it: its outputs, and the operator's view of its tables. */
export function deployed(emulator: { endpoint: string; outputs: StackOutputs } = inject('emulator')) {
  Object.assign(process.env, emulatorCredentials(emulator.endpoint));
  const outputs: Record<string, string> = Object.assign({}, ...Object.values(emulator.outputs));
  const output = (name: string): string => {
    const value = outputs[name];
    if (value === undefined) throw new Error(`the stacks have no output ${name}`);
    return value;
  };
  return {
    output,
    outputs,
    endpoint: emulator.endpoint,
    ...operatorPorts(functionEnvironment({ stage: 'local', outputs }), exampleClinic),
  };
}

/** The stack on an emulator of its own, for a suite that moves clocks, enforces roles or must not meet another's records. */
export async function deployedAlone(
  suite: string,
  options: Partial<EmulatorOptions> = {},
): Promise<{ emulator: Emulator; outputs: StackOutputs }> {
  const emulator = await startEmulator({ logFile: join(workFolder, 'logs', `${suite}.log`), ...options });
  const outputsFile = join(workFolder, 'logs', `${suite}.outputs.json`);
  const { endpoint } = emulator;
  return { emulator, outputs: await deployStacks({ endpoint, assembly: await testAssembly(), outputsFile }) };
}

/** The copy of a clinic's folder compiled, as a deployment puts it beside each function: the value of CLINIC_FILE. It lies beside the copy. */
export function clinicFileOf(folder: string): string {
  const loaded = loadClinic(folder);
  if ('faults' in loaded) throw new Error(`the clinic has faults: ${JSON.stringify(loaded.faults)}`);
  const file = join(folder, '..', 'clinic.json');
  writeFileSync(file, JSON.stringify(loaded.clinic));
  return file;
}

export type Deployed = ReturnType<typeof deployed>;

/** The event as the programme puts it on the bus. */
export function onBus({ type, ...detail }: Pick<ClinicalEvent, 'type'> & Record<string, unknown>) {
  return { source: exampleClinic.settings.deployment.eventSource, detailType: type, detail };
}
