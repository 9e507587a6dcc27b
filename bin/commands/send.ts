import { Command } from 'commander';
import { type Fault, readEvent } from '../../functions/domain/event.ts';
import { checkAgainstClinic } from '../../functions/domain/event-clinic.ts';
import type { BusEntry } from '../../functions/ports/door.ts';
import { type DeploymentOptions, withDeploymentOptions } from '../deployment.ts';
import { bytesOf, jsonLines } from '../json-lines.ts';
import { openDeployment } from '../open-deployment.ts';
import { progressOn } from '../progress.ts';

/** Sent together: enough to keep the bus busy, few enough to hold. */
const batchSize = 100;

export function sendCommand(): Command {
  return withDeploymentOptions(new Command('send'))
    .description('put the events of a file on the bus of a deployment; what would be refused stays here and is named')
    .argument('<file>', 'events, one JSON object a line; "-" is standard input')
    .option(
      '--unchecked',
      'send every line that is JSON, refused or not: the deployment sets aside what it cannot take',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample: npx tandem send events.ndjson --stage production\nExit codes: 0 all sent, 1 some lines were not sent, 2 not possible.',
    )
    .action(async (file: string, options: DeploymentOptions & { unchecked?: true; json?: true }) => {
      const { bus, clinic } = await openDeployment(options.stage, options.clinic);
      const source = clinic.settings.deployment.eventSource;
      const progress = progressOn(process.stderr, options.json === true);
      progress.step('sending');
      const kept: { line: number; faults: readonly Fault[] }[] = [];
      let sent = 0;
      let batch: BusEntry[] = [];
      const flush = async () => {
        await bus.put(batch);
        sent += batch.length;
        batch = [];
        progress.count(`${sent} sent`);
      };
      for await (const json of jsonLines(bytesOf(file))) {
        const { line } = json;
        if ('fault' in json) {
          kept.push({ line, faults: [{ path: '', message: json.fault }] });
          continue;
        }
        const read = entryOf(json.value, source, options.unchecked === true, (event) => {
          const checked = readEvent(event, new Date().toISOString());
          return 'faults' in checked ? checked.faults : checkAgainstClinic(checked.event, clinic);
        });
        if ('faults' in read) kept.push({ line, faults: read.faults });
        else batch.push(read);
        if (batch.length === batchSize) await flush();
      }
      await flush();
      progress.end();
      if (options.json === true) process.stdout.write(`${JSON.stringify({ sent, notSent: kept })}\n`);
      else {
        for (const { line, faults } of kept)
          for (const { path, message } of faults) process.stderr.write(`line ${line}: ${path}: ${message}\n`);
        process.stdout.write(`${sent} sent, ${kept.length} not sent\n`);
      }
      process.exitCode = kept.length === 0 ? 0 : 1;
    });
}

function entryOf(
  event: unknown,
  source: string,
  unchecked: boolean,
  faultsOf: (event: unknown) => readonly Fault[],
): BusEntry | { faults: readonly Fault[] } {
  const faults = unchecked ? [] : faultsOf(event);
  if (faults.length > 0) return { faults };
  // What is no object has no type: unchecked, it goes as it is, and the deployment sets it aside.
  if (typeof event !== 'object' || event === null || !('type' in event))
    return { source, detailType: '', detail: event };
  const { type, ...detail } = event;
  return { source, detailType: typeof type === 'string' ? type : '', detail };
}
