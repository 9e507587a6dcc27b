import { SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import type { FindDeployment } from '../audit-options.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { moveMessages, queuesOf } from '../queues.ts';

interface RedriveOptions extends DeploymentOptions {
  readonly json?: true;
}

/** `tandem events redrive`: for events that failed five times, or never reached the queue, once the cause is mended. */
export function redriveCommand(): Command {
  return withDeploymentOptions(new Command('redrive'))
    .description('send events again that failed five times or could not be delivered; mend the cause first')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample: npx tandem events redrive --stage production\nAn event that had its effect after all has it once: sending again is always safe.\nExit codes: 0 all were sent again, 1 some are left, 2 not possible.',
    )
    .action((options: RedriveOptions) => sendAgain(options, () => findDeployment(options.stage)));
}

/** @throws Refused with what to do instead. */
export async function sendAgain(options: RedriveOptions, find: FindDeployment): Promise<void> {
  const { outputs } = await find();
  const eventsQueue = outputs['EventsQueueUrl'];
  if (eventsQueue === undefined)
    throw new Refused(`the stack Tandem-${options.stage}-Events names no queue: deploy it again`);
  const { moved, left } = await redrive(new SQSClient({}), options.stage, eventsQueue);
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ moved, left })}\n` : `${moved} sent again, ${left} left\n`,
  );
  process.exitCode = left === 0 ? 0 : 1;
}

/** Both hold messages in the form of the event queue; the other dead letters are calls, which come again by themselves. */
const holdEvents = /-Events-Door(DeadLetters|Undelivered)/;

/** Sends the events of both queues again. `left` were there and could not be sent, or are hidden by somebody else's reading. */
export async function redrive(
  client: SQSClient,
  stage: string,
  eventsQueue: string,
): Promise<{ moved: number; left: number }> {
  let [moved, left] = [0, 0];
  for (const { name, url, messages } of await queuesOf(client, stage)) {
    if (!holdEvents.test(name)) continue;
    const gone = await moveMessages(client, url, eventsQueue);
    moved += gone;
    left += Math.max(messages - gone, 0);
  }
  return { moved, left };
}
