import { Command } from 'commander';
import { type DeploymentOptions, withDeploymentOptions } from '../deployment.ts';
import { openDeployment } from '../open-deployment.ts';

/** `tandem events set-aside`: what could not be taken, and why. */
export function setAsideCommand(): Command {
  return withDeploymentOptions(new Command('set-aside'))
    .description('list the messages that a deployment could not take, with the reason, the oldest first')
    .option('--json', 'one JSON object a line with the message itself: personal content, keep it where it may be')
    .addHelpText(
      'after',
      '\nExample: npx tandem events set-aside --stage production\nMend one: write its event corrected into a file, npx tandem send FILE, then npx tandem events resend --forget ID',
    )
    .action(async (options: DeploymentOptions & { json?: true }) => {
      const { setAsides } = await openDeployment(options.stage, options.clinic);
      const waiting = await setAsides.list();
      for (const { id, at, reason, body } of waiting)
        process.stdout.write(
          options.json === true
            ? `${JSON.stringify({ id, at, reason, event: eventIn(body) })}\n`
            : `${at}  ${id}  ${reason}\n`,
        );
      if (options.json !== true) process.stdout.write(`${waiting.length} set aside\n`);
    });
}

/** `tandem events resend`: for what became right by itself, such as a module that is in programme.yaml by now. */
export function resendCommand(): Command {
  return withDeploymentOptions(new Command('resend'))
    .description(
      'send messages that were set aside again, as they are, and take them off the list; what is still wrong comes back to it',
    )
    .argument('[ids...]', 'the ids that "events set-aside" shows')
    .option('--all', 'every one')
    .option('--forget', 'only take them off the list: they were mended and sent by hand')
    .addHelpText(
      'after',
      '\nExample: npx tandem events resend --all --stage production\nExit codes: 0 done, 1 an id is not on the list, 2 not possible.',
    )
    .action(async (ids: string[], options: DeploymentOptions & { all?: true; forget?: true }) => {
      const { setAsides, bus } = await openDeployment(options.stage, options.clinic);
      const waiting = await setAsides.list();
      const chosen = waiting.filter(({ id }) => options.all === true || ids.includes(id));
      const unknown = ids.filter((id) => !waiting.some((entry) => entry.id === id));
      for (const { id, body } of chosen) {
        const envelope = envelopeIn(body);
        if (options.forget !== true && envelope === null) {
          process.stderr.write(`${id}: is not a message of the bus: it can only be taken off the list with --forget\n`);
          continue;
        }
        // Sent before it leaves the list, so that a crash in between loses nothing. What is still wrong comes back as another
        // message of the bus, under another id.
        if (options.forget !== true && envelope !== null) await bus.put([envelope]);
        await setAsides.remove(id, options.forget === true ? 'mended and sent by hand' : 'sent again as it is');
      }
      for (const id of unknown) process.stderr.write(`${id}: is not on the list\n`);
      process.stdout.write(`${chosen.length} ${options.forget === true ? 'taken off the list' : 'sent again'}\n`);
      process.exitCode = unknown.length === 0 ? 0 : 1;
    });
}

function envelopeIn(body: string) {
  try {
    const { source, 'detail-type': detailType, detail }: Record<string, unknown> = JSON.parse(body);
    return { source: String(source), detailType: String(detailType), detail };
  } catch {
    return null;
  }
}

/** The event as it would stand in a file; the message verbatim where it is none. */
function eventIn(body: string): unknown {
  const envelope = envelopeIn(body);
  if (envelope === null || typeof envelope.detail !== 'object' || envelope.detail === null) return body;
  const { id, occurredAt, ...rest }: Record<string, unknown> = { ...envelope.detail };
  return { id, type: envelope.detailType, occurredAt, ...rest };
}
