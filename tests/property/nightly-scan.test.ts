import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MemoryStore, memoryStore } from '../../functions/adapters/memory/store.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { days, hours, instantAt } from '../../functions/domain/instant.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { closeOpenNight, openNight, type ScanPorts, scanShard } from '../../functions/risk-scan/scan.ts';
import { exampleClinic, runs } from '../example-clinic.ts';
import { enrolledHistory } from '../risk-histories.ts';

const start = Date.UTC(2026, 0, 5, 8);
const noPause = () => Promise.resolve();
const nightAtDay = (day: number) => instantAt(start + day * days + 23 * hours);

/** Histories of three patients, and the days on whose nights a scan runs. */
const cohorts = fc.tuple(
  fc.array(enrolledHistory(12), { minLength: 3, maxLength: 3 }),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 90 }), { minLength: 2, maxLength: 10 })
    .map((list) => list.toSorted((a, b) => a - b)),
);

function portsOf(store: MemoryStore, now: string): ScanPorts {
  return { ...store, clinic: exampleClinic, pause: noPause, now: () => now, mayPass: () => false };
}

async function scan(store: MemoryStore, now: string, everyone: boolean): Promise<void> {
  const ports = portsOf(store, now);
  const { night, until, done } = await openNight(ports);
  if (done) return;
  await scanShard(ports, { night, until: everyone ? null : until, shard: 0, cursor: null }, () => true);
  await closeOpenNight(ports, night);
}

/** Delivers what happened before each night, then scans. */
async function play(
  histories: ClinicalEvent[][],
  nights: number[],
  scanNight: (store: MemoryStore, now: string) => Promise<void>,
) {
  const store = memoryStore();
  const events = histories.flatMap((history, index) =>
    history.map((event) => ({ ...event, id: `${index}-${event.id}`, patient: `vendor-${index}` })),
  );
  const waiting = new Set(events);
  for (const day of nights) {
    const now = nightAtDay(day);
    for (const event of waiting) {
      if (event.occurredAt > now) continue;
      waiting.delete(event);
      await receiveEvent({ ...store, clinic: exampleClinic, pause: noPause }, event, event.occurredAt);
    }
    await scanNight(store, now);
  }
  return store;
}

/** What a therapist could see: levels, factors and alerts, without when they were looked at. */
function seen(store: MemoryStore): string {
  return canonicalText(
    store.patients.patients().map(({ id, standing, alerts }) => ({
      id,
      standing: standing.map(({ reviewAt: _reviewAt, ...assessment }) => assessment),
      alerts: alerts.map(({ cause, tier, status, openedAt, evidence }) => ({
        cause,
        tier,
        status,
        openedAt,
        evidence,
      })),
    })),
  );
}

describe('the nightly scan', () => {
  it('of those who are due leaves exactly what a scan of everyone would have left', async () => {
    await fc.assert(
      fc.asyncProperty(cohorts, async ([histories, nights]) => {
        const due = await play(histories, nights, (store, now) => scan(store, now, false));
        const everyone = await play(histories, nights, (store, now) => scan(store, now, true));
        expect(seen(due)).toBe(seen(everyone));
      }),
      { seed: 7, numRuns: runs(60) },
    );
  });

  it('killed anywhere and started again, leaves what an unbroken one leaves, and looks at nobody twice', async () => {
    let killed = 0;
    await fc.assert(
      fc.asyncProperty(cohorts, fc.nat({ max: 30 }), fc.boolean(), async ([histories, nights], call, before) => {
        const unbroken = await play(histories, nights, (store, now) => scan(store, now, false));
        let calls = 0;
        const broken = await play(histories, nights, async (store, now) => {
          const crash = () => {
            calls += 1;
            if (calls === call) {
              killed += 1;
              throw new Error('killed');
            }
          };
          const commit = store.patients.commit.bind(store.patients);
          store.patients.commit = async (...given) => {
            if (before) crash();
            await commit(...given);
            if (!before) crash();
          };
          const ports = { ...portsOf(store, now), mayPass: () => true };
          const { night, until } = await openNight(ports);
          for (let attempt = 1; attempt <= 2; attempt += 1)
            await scanShard(ports, { night, until, shard: 0, cursor: null }, () => true).catch(() => undefined);
          store.patients.commit = commit;
          await closeOpenNight(ports, night);
        });
        expect(seen(broken)).toBe(seen(unbroken));
        const lines = broken.patients.lines().map(({ night, patient }) => `${night} ${patient}`);
        expect(new Set(lines).size).toBe(lines.length);
      }),
      { seed: 8, numRuns: runs(60) },
    );
    expect(killed).toBeGreaterThan(10);
  });
});
