import { join } from 'node:path';
import { Command } from 'commander';
import { localStage } from '../deployment.ts';
import {
  deployStacks,
  ensureInstalled,
  type StackOutputs,
  startDetached,
  stopDetached,
  synthesize,
  workFolder,
} from '../emulator/emulator.ts';
import { clinicOf } from '../open-deployment.ts';
import { type Progress, progressOn } from '../progress.ts';

export function localCommand(): Command {
  return new Command('local')
    .description('the stack on an emulator on this machine: made-up data only')
    .addCommand(
      new Command('up')
        .description('start the emulator and deploy the stack, or bring it up to date')
        .option('--clinic <dir>', "the clinic's folder", 'clinic')
        .addHelpText('after', '\nExample: npx tandem local up')
        .action(async (options: { clinic: string }) => {
          const progress = progressOn(process.stderr, false);
          const { endpoint } = await localUp(options.clinic, progress);
          progress.end();
          process.stdout.write(`the stack runs at ${endpoint}; look: npx tandem status; stop: npx tandem local down\n`);
        }),
    )
    .addCommand(
      new Command('down')
        .description('stop the emulator; everything in it is gone')
        .addHelpText('after', '\nExample: npx tandem local down')
        .action(async () => {
          const stopped = await stopDetached();
          process.stdout.write(stopped ? 'stopped\n' : 'nothing was running\n');
        }),
    );
}

/** Starts what is needed and deploys the real stack. Bound to the loopback address only. */
export async function localUp(
  clinicFolder: string,
  progress: Progress,
): Promise<{ endpoint: string; outputs: StackOutputs }> {
  clinicOf(clinicFolder);
  await ensureInstalled({ progress: (line) => progress.step(line) });
  progress.step('starting the emulator, and synthesizing the stack');
  const assembly = join(workFolder, 'assembly');
  const [emulator] = await Promise.all([
    startDetached({ logFile: join(workFolder, 'emulator.log') }),
    synthesize({ outDir: assembly, context: { stage: localStage, clinic: clinicFolder } }),
  ]);
  const outputs = await deployStacks({
    endpoint: emulator.endpoint,
    assembly,
    outputsFile: join(workFolder, 'outputs.json'),
    progress: (line) => progress.step(line),
  });
  return { endpoint: emulator.endpoint, outputs };
}
