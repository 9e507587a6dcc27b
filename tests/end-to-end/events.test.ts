import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { until } from '../emulator/poll.ts';
import { exampleClinic } from '../example-clinic.ts';
import { type Deployed, deployed, onBus } from './deployed.ts';

let stack: Deployed;
let sqs: SQSClient;
beforeAll(() => {
  stack = deployed();
  sqs = new SQSClient({});
});

const start = Date.UTC(2026, 1, 2, 9);
function eventOf(patient: string, number: number): ClinicalEvent {
  const common = { id: `${patient}-ev-${number}`, patient, occurredAt: instantAt(start + number * 3_600_000) };
  if (number === 0) {
    const data = { programme: 'depression', track: 'self-guided', timeZone: 'America/New_York' } as const;
    return { ...common, type: 'PatientEnrolled', data };
  }
  if (number % 5 === 0) {
    const data = { measure: 'phq-9', answers: [1, 1, 1, 0, 1, 0, 1, 0, 0] };
    return { ...common, type: 'QuestionnaireSubmitted', data };
  }
  return { ...common, type: 'PatientActive', data: { kind: 'use', minutes: number } };
}

async function expectEachOnce(patient: string, events: ClinicalEvent[]) {
  const id = await stack.pseudonyms.patient(patient);
  const { state, version, head } = await stack.patients.load(id);
  expect(canonicalText(state)).toBe(canonicalText(fold(events, exampleClinic)));
  const records = await stack.audit.stored(id);
  expect(records.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(version).toBe(events.length);
  let expected = genesis(id);
  for (const record of records) {
    expected = chainHash(id, record.sequence, expected, record.recordHash);
    expect(record.head).toBe(expected);
  }
  expect(head).toBe(expected);
}

async function eventsOf(patient: string): Promise<number> {
  return (await stack.patients.load(await stack.pseudonyms.patient(patient))).state.events;
}

async function depth(url: string): Promise<number> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  return (
    Number(Attributes?.['ApproximateNumberOfMessages']) + Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'])
  );
}

describe('the deployed stack', () => {
  it('takes 200 events, each delivered three times in shuffled order by parallel senders, exactly once each', async () => {
    const patients = Array.from({ length: 10 }, (_, index) => `many-${index}`);
    const events = patients.flatMap((patient) => Array.from({ length: 20 }, (_, number) => eventOf(patient, number)));
    const [deliveries = []] = fc.sample(
      fc.shuffledSubarray([...events, ...events, ...events], { minLength: 600, maxLength: 600 }),
      { numRuns: 1, seed: 6 },
    );
    const senders = Array.from({ length: 6 }, (_, sender) => deliveries.slice(sender * 100, sender * 100 + 100));
    await Promise.all(senders.map((share) => stack.bus.put(share.map(onBus))));

    await until(
      'every patient to have 20 events',
      async () => {
        const counts = await Promise.all(patients.map(eventsOf));
        return counts.every((count) => count === 20);
      },
      { limitSeconds: 100 },
    );
    await until('the queue to be empty', async () => (await depth(stack.output('EventsQueueUrl'))) === 0, {
      limitSeconds: 100,
    });
    for (const patient of patients)
      await expectEachOnce(
        patient,
        events.filter((event) => event.patient === patient),
      );
  }, 240_000);

  it('takes 50 different events of one patient at once: all of them, none in the dead-letter queue', async () => {
    const events = Array.from({ length: 50 }, (_, number) => eventOf('one', number));
    await Promise.all(events.map((event) => stack.bus.put([onBus(event)])));
    await until('50 events', async () => (await eventsOf('one')) === 50, { limitSeconds: 100 });
    await expectEachOnce('one', events);
    expect(await depth(stack.output('EventsDeadLetterQueueUrl'))).toBe(0);
  }, 240_000);

  it('sets a broken event in the middle of a batch aside, with its reason, while the others take effect', async () => {
    const before = (await stack.setAsides.list()).length;
    const good = Array.from({ length: 8 }, (_, number) => eventOf('batch', number));
    const broken = { ...eventOf('batch', 90), type: 'ModuleCompleted', data: { module: 'no-such-module' } };
    await stack.bus.put([...good.slice(0, 4), broken, ...good.slice(4)].map((event) => onBus(event as ClinicalEvent)));
    await until('8 events', async () => (await eventsOf('batch')) === 8);
    const setAside = await until('the broken one', async () => {
      const list = await stack.setAsides.list();
      return list.length === before + 1 && list.at(-1);
    });
    expect(setAside.reason).toContain('data.module');
    expect(setAside.reason).not.toContain('no-such-module');
    expect(setAside.body).toContain('no-such-module');
  });

  it('raises the safety alert of an answer inside a message it has to refuse', async () => {
    const data = { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3], remark: 'not a field' };
    await stack.bus.put([onBus({ ...eventOf('refused', 1), type: 'QuestionnaireSubmitted', data })]);
    const alert = await until('the alert', async () => {
      const { alerts } = await stack.patients.load(await stack.pseudonyms.patient('refused'));
      return alerts[0];
    });
    expect(alert).toMatchObject({ cause: 'safety', tier: 'urgent', status: 'open' });
  });

  it('refuses an event id used again for other content, and keeps the first', async () => {
    const first = eventOf('reuse', 1);
    await stack.bus.put([onBus(first)]);
    await until('the first', async () => (await eventsOf('reuse')) === 1);
    const before = (await stack.setAsides.list()).length;
    await stack.bus.put([
      onBus({ ...first, data: { kind: 'use', minutes: 999 } }),
      onBus({ ...first, patient: 'reuse-other' }),
    ]);
    const reasons = await until('both to be set aside', async () => {
      const list = await stack.setAsides.list();
      return list.length === before + 2 && list.slice(-2).map(({ reason }) => reason);
    });
    expect(reasons).toEqual([
      'id: was used before for an event with other content',
      'id: was used before for an event with other content',
    ]);
    expect(await eventsOf('reuse-other')).toBe(0);
  });

  it('proves by the canary that the door is open', async () => {
    const lambda = new LambdaClient({});
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: stack.output('CanaryFunction'), Payload: '{}' }),
    );
    expect(answer.FunctionError).toBeUndefined();
  });

  it('leaves what a failing function could not take in the dead-letter queue, from where it can be sent again', async () => {
    const lambda = new LambdaClient({});
    const name = stack.output('EventIntakeFunction');
    const queue = stack.output('EventsQueueUrl');
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['VisibilityTimeout'] }),
    );
    const variables = Environment?.Variables ?? {};
    const configure = (Variables: Record<string, string>, VisibilityTimeout: string) =>
      Promise.all([
        lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables } })),
        sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { VisibilityTimeout } })),
      ]);

    await configure({ ...variables, CARE_TABLE: 'no-such-table' }, '1');
    await stack.bus.put([onBus(eventOf('redriven', 1))]);
    const deadLetters = stack.output('EventsDeadLetterQueueUrl');
    await until('the dead letter', async () => (await depth(deadLetters)) === 1, { limitSeconds: 100 });
    expect(await eventsOf('redriven')).toBe(0);

    await configure(variables, Attributes?.['VisibilityTimeout'] ?? '180');
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters, WaitTimeSeconds: 5 }));
    const letter = Messages?.[0];
    await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: letter?.Body }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetters, ReceiptHandle: letter?.ReceiptHandle }));
    await until('the redriven event', async () => (await eventsOf('redriven')) === 1);
    await expectEachOnce('redriven', [eventOf('redriven', 1)]);
  }, 240_000);
});
