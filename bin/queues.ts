import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  paginateListQueues,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A queue of a stage, and what lies in it. */
export interface StageQueue {
  /** As AWS names it: stage, stack, what it is for. */
  readonly name: string;
  readonly url: string;
  /** Messages of any kind: waiting, being handled, delayed. SQS counts them roughly. */
  readonly messages: number;
  /** Whether what lies in it waits for a person: dead letters, and what the bus could not deliver. */
  readonly waitsForPerson: boolean;
}

const forPersons = /DeadLetters|Undelivered/;

/** Every queue of the stage, by its name, in the order of their names. */
export async function queuesOf(client: SQSClient, stage: string): Promise<StageQueue[]> {
  const prefix = `Tandem-${stage}-`;
  const urls: string[] = [];
  for await (const { QueueUrls = [] } of paginateListQueues({ client, pageSize: 1000 }, { QueueNamePrefix: prefix }))
    urls.push(...QueueUrls);
  const queues = await Promise.all(
    urls
      .map((url) => ({ url, name: url.slice(url.lastIndexOf('/') + 1) }))
      // A stack's name begins with a capital, a stage's never does: "a" does not take the queues of "a-b".
      .filter(({ name }) => /^[A-Z]/.test(name.slice(prefix.length)))
      .map(async ({ url, name }) => ({
        name,
        url,
        messages: await messagesIn(client, url),
        waitsForPerson: forPersons.test(name),
      })),
  );
  return queues.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Messages of any kind in one queue, as of `StageQueue`. */
export async function messagesIn(client: SQSClient, url: string): Promise<number> {
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

/** Long enough to send ten messages and delete them; then they are seen again. */
const hiddenSeconds = 60;

/**
 * Moves all messages of a queue into another, as they are. Each is sent before it is deleted: a crash in between leaves it in both,
 * and an event that comes twice has its effect once.
 *
 * By hand, since SQS's own StartMessageMoveTask takes only what another queue has put aside, and not what the bus could not deliver.
 * @returns how many were moved; what SQS did not take stays where it was.
 */
export async function moveMessages(client: SQSClient, from: string, to: string): Promise<number> {
  let moved = 0;
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: from,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        VisibilityTimeout: hiddenSeconds,
      }),
    );
    if (Messages.length === 0) return moved;
    const entries = Messages.map(({ Body, ReceiptHandle }, place) => ({ Id: String(place), Body, ReceiptHandle }));
    const { Successful = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: to,
        Entries: entries.map(({ Id, Body }) => ({ Id, MessageBody: Body })),
      }),
    );
    const sent = new Set(Successful.map(({ Id }) => Id));
    const gone = entries.filter(({ Id }) => sent.has(Id));
    // Nothing was taken: the next try would fare no better.
    if (gone.length === 0) return moved;
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: from,
        Entries: gone.map(({ Id, ReceiptHandle }) => ({ Id, ReceiptHandle })),
      }),
    );
    moved += gone.length;
  }
}
