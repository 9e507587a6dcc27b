import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, workFolder } from '../../bin/emulator/emulator.ts';
import { messagesIn, queuesOf } from '../../bin/queues.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, deployedAlone, onBus } from './deployed.ts';
import { type LoadSample, loadPicture } from './load-picture.ts';
import { loggedMetric } from './logged-metric.ts';
import { eventOf, expectEachOnce } from './whole-history.ts';

const seconds = Number(process.env['TANDEM_LOAD_SECONDS'] ?? 300);
const senders = 4;
const patientsOfSender = 60;
/** Put on the bus by one call. */
const together = 10;
/** A sender waits while so many are on their way: a queue that only grows says nothing about what is sustained. */
const mostOnTheirWay = 60;
const progressSeconds = 10;

describe.skipIf(process.env['TANDEM_LONG'] === undefined)('a stream of events at the emulator’s limit', () => {
  let emulator: Emulator;
  let stack: Deployed;
  let sqs: SQSClient;
  beforeAll(async () => {
    const alone = await deployedAlone('load');
    emulator = alone.emulator;
    stack = deployed({ endpoint: emulator.endpoint, outputs: alone.outputs });
    sqs = new SQSClient({});
  });
  afterAll(() => emulator.stop());

  it(
    'is taken whole: nothing is lost or doubled, and the queues are empty again',
    async () => {
      const sent = new Map<string, ClinicalEvent[]>();
      const samples: LoadSample[] = [];
      const from = performance.now();
      const elapsed = () => (performance.now() - from) / 1000;
      /** Messages that the queue named last, and events that were put on the bus since it was asked. */
      const onTheirWay = { named: 0, since: 0, total: 0, sending: true };
      const isRoom = async () =>
        elapsed() >= seconds || onTheirWay.named + onTheirWay.since + together <= mostOnTheirWay;

      async function send(sender: number): Promise<void> {
        const patients = Array.from({ length: patientsOfSender }, (_, number) => `load-${sender}-${number}`);
        for (let next = 0; elapsed() < seconds; next += together) {
          await until('room for more', isRoom, { limitSeconds: 600 });
          const events = Array.from({ length: together }, (_, place) => {
            const patient = patients[(next + place) % patientsOfSender] ?? '';
            const event = eventOf(patient, sent.get(patient)?.length ?? 0);
            sent.set(patient, [...(sent.get(patient) ?? []), event]);
            return event;
          });
          onTheirWay.since += together;
          await stack.bus.put(events.map(onBus));
          onTheirWay.total += together;
        }
      }

      /** @returns whether nothing is on its way any more. */
      async function sample(): Promise<boolean> {
        const before = onTheirWay.since;
        onTheirWay.named = await messagesIn(sqs, stack.output('EventsQueueUrl'));
        // What was put on the bus while the queue was asked may not be in its answer, and counts until the next one.
        onTheirWay.since -= before;
        const { named: waiting, total } = onTheirWay;
        const second = Math.floor(elapsed());
        const last = samples.at(-1)?.second ?? -1;
        if (second > last) samples.push({ second, sent: total, waiting });
        if (Math.floor(second / progressSeconds) > Math.floor(last / progressSeconds))
          process.stderr.write(`load: ${second} s, ${total} sent, ${waiting} waiting\n`);
        return !onTheirWay.sending && waiting === 0;
      }

      const watching = until('the queue to be empty', sample, { limitSeconds: seconds + 900 });
      await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
      onTheirWay.sending = false;
      const stopped = elapsed();
      await watching;
      const emptied = elapsed();
      const { total } = onTheirWay;
      samples.push({ second: Math.ceil(emptied), sent: total, waiting: 0 });

      const left = (await queuesOf(sqs, 'local')).filter(({ messages }) => messages > 0);
      expect(left).toEqual([]);
      expect(await stack.setAsides.list()).toEqual([]);
      expect(total).toBeGreaterThan(0);
      for (const patients of inTens([...sent]))
        await Promise.all(patients.map(([patient, events]) => expectEachOnce(stack, patient, events)));

      const delays = (await loggedMetric('EventDelay')).toSorted((a, b) => a - b);
      const delayAt = (share: number) => delays[Math.floor(share * (delays.length - 1))];
      const figures = {
        date: new Date().toISOString().slice(0, 10),
        cores: cpus().length,
        senders,
        patients: sent.size,
        seconds: Math.round(stopped),
        events: total,
        perSecond: Math.round((10 * total) / emptied) / 10,
        mostWaiting: Math.max(...samples.map((one) => one.waiting)),
        secondsUntilEmpty: Math.round(emptied - stopped),
        delaySeconds: { median: delayAt(0.5), p95: delayAt(0.95), most: delayAt(1) },
      };
      const title = `${total} events in ${Math.round(emptied)} s on the emulator, ${figures.date}`;
      writeFileSync(join(workFolder, 'load.svg'), loadPicture(samples, title));
      writeFileSync(join(workFolder, 'load.json'), `${JSON.stringify({ figures, samples }, null, 2)}\n`);
      process.stderr.write(`load: ${JSON.stringify(figures)}\n`);
    },
    (seconds + 1800) * 1000,
  );
});

function inTens<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / 10) }, (_, at) => items.slice(at * 10, at * 10 + 10));
}
