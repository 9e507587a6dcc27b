import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { type DeploymentOptions, withDeploymentOptions } from '../deployment.ts';
import { openDeployment } from '../open-deployment.ts';

export function statusCommand(): Command {
  return withDeploymentOptions(new Command('status'))
    .description('what is deployed and how it is doing: queues, dead letters, messages set aside')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample: npx tandem status --stage production\nExit codes: 0 nothing waits for a person, 1 something does, 2 not possible.',
    )
    .action(async (options: DeploymentOptions & { json?: true }) => {
      const { deployment, setAsides, clinic } = await openDeployment(options.stage, options.clinic);
      const sqs = new SQSClient({});
      const [waiting, deadLetters, setAside] = await Promise.all([
        messagesIn(sqs, deployment.outputs['EventsQueueUrl']),
        messagesIn(sqs, deployment.outputs['EventsDeadLetterQueueUrl']),
        setAsides.list(),
      ]);
      const status = {
        stage: options.stage,
        rules: clinic.hash,
        eventsWaiting: waiting,
        deadLetters,
        setAside: setAside.length,
      };
      if (options.json === true) process.stdout.write(`${JSON.stringify(status)}\n`);
      else
        process.stdout.write(
          `stage ${status.stage}, rules of ${options.clinic}/: ${status.rules}\n` +
            `events waiting in the queue: ${waiting}\n` +
            `dead letters: ${deadLetters}${deadLetters > 0 ? ' (docs/operations.md#events-dead-letters)' : ''}\n` +
            `set aside: ${setAside.length}${setAside.length > 0 ? ' (npx tandem events set-aside)' : ''}\n`,
        );
      process.exitCode = deadLetters + setAside.length > 0 ? 1 : 0;
    });
}

async function messagesIn(client: SQSClient, url: string | undefined): Promise<number> {
  if (url === undefined) return 0;
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  return Object.values(Attributes ?? {}).reduce((sum, value) => sum + Number(value), 0);
}
