import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { sendAgain } from '../../bin/commands/redrive.ts';
import { showStatus } from '../../bin/commands/status.ts';
import type { Deployment } from '../../bin/deployment.ts';
import { messagesIn, queuesOf } from '../../bin/queues.ts';
import { headingOf, type StageStatus } from '../../bin/stage-status.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, onBus } from './deployed.ts';
import { loggedMetric } from './logged-metric.ts';
import { eventOf, expectEachOnce } from './whole-history.ts';

let stack: Deployed;
let sqs: SQSClient;
beforeAll(() => {
  stack = deployed();
  sqs = new SQSClient({});
});

const options = { stage: 'local', clinic: 'clinic' };
const find = async (): Promise<Deployment> => ({
  stage: 'local',
  outputs: Object.assign({}, ...Object.values(inject('emulator').outputs)),
});

/** What a command prints. */
async function printed(command: () => Promise<void>): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    await command();
    return text;
  } finally {
    write.mockRestore();
  }
}

async function status(): Promise<StageStatus> {
  return JSON.parse(await printed(() => showStatus({ ...options, json: true }, find))) as StageStatus;
}

afterEach(() => {
  process.exitCode = 0;
});

async function eventsOf(patient: string): Promise<number> {
  return (await stack.patients.load(await stack.pseudonyms.patient(patient))).state.events;
}

const depth = (url: string) => messagesIn(sqs, url);

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
        stack,
        patient,
        events.filter((event) => event.patient === patient),
      );
  }, 240_000);

  it('takes 50 different events of one patient at once: all of them, none in the dead-letter queue', async () => {
    const events = Array.from({ length: 50 }, (_, number) => eventOf('one', number));
    await Promise.all(events.map((event) => stack.bus.put([onBus(event)])));
    await until('50 events', async () => (await eventsOf('one')) === 50, { limitSeconds: 100 });
    await expectEachOnce(stack, 'one', events);
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

  it('says of itself how it is doing, and where the page for operators goes on', async () => {
    await stack.bus.put([onBus(eventOf('asked-about', 1))]);
    await until('the event', async () => (await eventsOf('asked-about')) === 1);
    const { setAside, alerts, staffWithoutMail } = await status();
    expect(setAside).toBe((await stack.setAsides.list()).length);
    expect(alerts.urgent).toBeGreaterThanOrEqual(1);
    expect(staffWithoutMail).toContain('t-7');
    const text = await printed(() => showStatus(options, find));
    expect(text).toContain('for a person:\n');
    expect(process.exitCode).toBe(1);
    const forPersons = (await queuesOf(sqs, 'local')).filter(({ waitsForPerson }) => waitsForPerson);
    expect(forPersons.map(({ name }) => headingOf(name) ?? name).filter((found) => !found.startsWith('#'))).toEqual([]);
  });

  it('measures how long an event took from the queue to its effect', async () => {
    const delays = await until('the log', async () => {
      const found = await loggedMetric('EventDelay');
      return found.length > 0 && found;
    });
    expect(delays.every((seconds) => seconds >= 0 && seconds < 600)).toBe(true);
  });

  it('leaves what a failing function could not take in the dead-letter queue, from where a command sends it again', async () => {
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
    const failing = await status();
    expect(failing.deadLetterQueues).toEqual([{ name: expect.stringContaining('-DoorDeadLetters'), messages: 1 }]);
    expect(process.exitCode).toBe(1);
    expect(await printed(() => sendAgain(options, find))).toBe('1 sent again, 0 left\n');
    expect(process.exitCode).toBe(0);
    await until('the redriven event', async () => (await eventsOf('redriven')) === 1);
    await expectEachOnce(stack, 'redriven', [eventOf('redriven', 1)]);
    expect(await status()).toMatchObject({ deadLetters: 0, deadLetterQueues: [] });
  }, 240_000);
});
