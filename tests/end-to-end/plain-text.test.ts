import { readFileSync } from 'node:fs';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, inject, it } from 'vitest';
import { until } from '../emulator/poll.ts';
import { deployed, onBus } from './deployed.ts';

/** Recognisable text in every field that somebody fills in, in events that are taken and in ones that are refused. */
const seeds = {
  vendorId: 'seed-patient-Quillfeather',
  eventId: 'seed-event-Marmalade',
  refusedId: 'seed-refused-Tangerine',
  email: 'seed-zebulon@example.org',
  sms: '+12025550147',
  language: 'sv-FI',
  fhirText: 'seed-free-text-Wolpertinger',
  fieldName: 'seedFieldHeffalump',
  fieldValue: 'seed-value-Jabberwock',
};

it('no text that somebody wrote appears outside encrypted content: not in tables, keys, logs or queue attributes', async () => {
  const stack = deployed();
  const event = (id: string, type: string, data: unknown) =>
    onBus({ id, type, occurredAt: '2026-03-02T09:00:00Z', patient: seeds.vendorId, data } as never);
  await stack.bus.put([
    event(seeds.eventId, 'PatientEnrolled', {
      programme: 'depression',
      track: 'self-guided',
      contact: { preferred: 'sms', sms: seeds.sms, email: seeds.email },
      language: seeds.language,
    }),
    event(`${seeds.eventId}-2`, 'QuestionnaireSubmitted', {
      fhir: {
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        text: { div: seeds.fhirText },
        item: [{ linkId: seeds.fhirText, answer: [{ valueString: seeds.fhirText }] }],
      },
    }),
    event(seeds.refusedId, 'ModuleCompleted', { module: 'm1', [seeds.fieldName]: seeds.fieldValue }),
    event(`${seeds.refusedId}-2`, seeds.fieldName, { text: seeds.fieldValue }),
  ]);
  const id = await stack.pseudonyms.patient(seeds.vendorId);
  await until('two events in force, two set aside', async () => {
    const [{ state }, setAsides] = await Promise.all([stack.patients.load(id), stack.setAsides.list()]);
    return state.events === 2 && setAsides.filter(({ body }) => body.includes(seeds.vendorId)).length === 2;
  });

  const places: Record<string, string> = {
    'care table': await everything(stack.output('CareTable')),
    'audit table': await everything(stack.output('AuditTable')),
    logs: await logs(),
    'queue attributes': await queueAttributes(),
    'what the functions and the emulator printed': readFileSync(inject('emulator').logFile, 'utf8'),
  };
  // The search itself must be able to find something.
  expect(places['care table']).toContain(id);
  for (const [place, text] of Object.entries(places))
    for (const [field, seed] of Object.entries(seeds)) expect(text.includes(seed), `${field} in ${place}`).toBe(false);
});

async function everything(table: string): Promise<string> {
  const client = new DynamoDBClient({});
  const items: unknown[] = [];
  let from: Record<string, never> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: table, ExclusiveStartKey: from }));
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey as typeof from;
  } while (from !== undefined);
  return JSON.stringify(items);
}

async function logs(): Promise<string> {
  const client = new CloudWatchLogsClient({});
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
  const pages = await Promise.all(
    logGroups.map(({ logGroupName }) =>
      client.send(new FilterLogEventsCommand({ logGroupName })).catch(() => ({ events: [] })),
    ),
  );
  return JSON.stringify(pages.map(({ events }) => events));
}

async function queueAttributes(): Promise<string> {
  const client = new SQSClient({});
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
  const all = await Promise.all(
    QueueUrls.map((QueueUrl) => client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))),
  );
  return JSON.stringify([QueueUrls, all.map(({ Attributes }) => Attributes)]);
}
