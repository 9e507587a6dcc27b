import { expect, it } from 'vitest';
import { nodeVerify } from '../../bin/commands/audit-keys.ts';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import * as compose from '../../functions/adapters/compose.ts';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { everything } from '../../functions/domain/audit-bundle.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { readTrustedKeys } from '../../functions/domain/checkpoint.ts';
import { fold } from '../../functions/domain/fold.ts';
import { exportEvidence } from '../../functions/export-evidence.ts';
import { faultsOf } from '../fault/faulty-calls.ts';
import type { FaultyClinic } from '../fault/faulty-clinic.ts';
import { key, type Played, play } from '../fault/faulty-history.ts';
import { everyCall, leftOut, outsideCalls } from '../fault/outside-calls.ts';

const firstSeed = 1;
const only = process.env['TANDEM_FAULT_SEED'];
const long = process.env['TANDEM_LONG'] !== undefined;
const histories = long ? 10_000 : 300;
/** Of all histories; a history in which nothing went wrong proves nothing and does not count. */
const leastShareWithFaults = 0.95;
const progressEvery = 500;

it('every function that calls the outside has its calls in the table, or a reason why not', () => {
  const composed = Object.keys(compose).filter((name) => name.endsWith('Ports'));
  expect([...Object.keys(outsideCalls), ...Object.keys(leftOut)].toSorted()).toEqual(composed.toSorted());
});

it('whatever fails at whichever call of whichever workflow: the invariants of the product hold once it has calmed down', async () => {
  const seeds = only === undefined ? Array.from({ length: histories }, (_, n) => firstSeed + n) : [Number(only)];
  const made = new Set<string>();
  const fired = new Set<string>();
  let withFaults = 0;
  const from = performance.now();
  for (const seed of seeds) {
    try {
      const played = await play(seed);
      const { calls } = played.clinic;
      for (const call of calls.made) made.add(call);
      for (const { call, fault } of calls.fired) fired.add(`${call} ${fault}`);
      if (calls.fired.length > 0) withFaults += 1;
      await expectInvariants(played);
    } catch (error) {
      throw new Error(`TANDEM_FAULT_SEED=${seed} repeats this history`, { cause: error });
    }
    if (seed % progressEvery === 0)
      process.stderr.write(`${seed} histories, ${Math.round((performance.now() - from) / 1000)} s\n`);
  }
  if (only !== undefined) return;
  expect(withFaults / seeds.length).toBeGreaterThan(leastShareWithFaults);
  // A call that is new belongs into the table; one that is never made any more, out of it.
  expect([...made].toSorted()).toEqual(everyCall.toSorted());
  const pairs = everyCall.flatMap((call) => faultsOf(call).map((fault) => `${call} ${fault}`));
  expect(pairs.filter((pair) => !fired.has(pair))).toEqual([]);
}, 10_800_000);

async function expectInvariants({ clinic, neglected, events, refused, inDanger }: Played): Promise<void> {
  expect(clinic.violations).toEqual([]);
  const { store } = clinic;
  // Nothing accepted is lost, and each event has its effect once.
  expect(clinic.redrive()).toBe(0);
  // What went out before it could be recorded has its record by now.
  expect(await clinic.withoutGapRecord()).toEqual([]);
  for (const vendorId of new Set(events.map(({ patient }) => patient))) {
    const id = await store.pseudonyms.patient(vendorId);
    const theirs = events.filter(({ patient }) => patient === vendorId);
    const history = await store.patients.history(id);
    expect(history.map((event) => event.id).toSorted()).toEqual(theirs.map((event) => event.id).toSorted());
    expect(actions(clinic, id).filter((action) => action === 'event.record')).toHaveLength(theirs.length);
    const { state } = await store.patients.load(id);
    expect(canonicalText(state)).toBe(canonicalText(fold(history, clinic.clinic)));
  }
  // What the vendor sent again came in another envelope, and waits beside the first.
  const waiting = (await store.setAsides.list()).map(({ body }) => JSON.stringify(JSON.parse(body).detail));
  expect(new Set(waiting).size).toBe(refused);

  // No change without its record, and no record without its change.
  expect(await clinic.reconcile()).toMatchObject({ discrepancies: [] });
  await expectEvidence(clinic);

  // At least one message to somebody, until a person has answered; and nothing after the end.
  for (const vendorId of inDanger) {
    const id = await store.pseudonyms.patient(vendorId);
    expect(actions(clinic, id).filter((action) => action === 'event.record' || action === 'alert.raise')).not.toEqual(
      [],
    );
  }
  expect(neglected).toEqual([]);
  for (const [id, sent] of clinic.mailAtEnd) expect(clinic.mailAbout(id)).toBe(sent);
  expectReminders(clinic);

  // The night looked at everybody, each once.
  expect((await clinic.watch())?.shortfall).toBeNull();
  const lines = store.patients.lines().map(({ night, patient }) => `${night} ${patient}`);
  expect(new Set(lines).size).toBe(lines.length);
}

function recordsOf(clinic: FaultyClinic, chain: string) {
  return clinic.store
    .auditRecords(chain)
    .map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as { action: string; detail: object });
}

function actions(clinic: FaultyClinic, chain: string): string[] {
  return recordsOf(clinic, chain).map(({ action }) => action);
}

/** Seals and records agree, as a stranger sees it who has the key alone. */
async function expectEvidence(clinic: FaultyClinic): Promise<void> {
  const records = {
    between: (chain: string, first: number, last: number) =>
      clinic.stored(chain).filter(({ sequence }) => sequence >= first && sequence <= last),
  };
  const lines = exportEvidence(
    { store: clinic.seals, records },
    { scope: everything, exportedAt: clinic.now, keys: [] },
  );
  const bytes = async function* () {
    for await (const line of lines) yield Buffer.from(line);
  };
  const basis = { keys: readTrustedKeys(key.line), verify: nodeVerify(), witness: null };
  const report = await verifyBundle(bytes(), basis, new Map());
  expect(report?.faults).toEqual([]);
  const chains = clinic.store.patients.patients().map(({ id }) => id);
  const system = systemChains.filter((chain) => clinic.store.auditRecords(chain).length > 0);
  const whole = [...chains, ...system].flatMap((chain) => clinic.stored(chain));
  expect(report?.counts.records).toBe(whole.length);
}

/** Each at most once; where it is not known whether one reached its patient, the record says so. */
function expectReminders(clinic: FaultyClinic): void {
  expect(new Set(clinic.reminders).size).toBe(clinic.reminders.length);
  const failed = clinic.calls.fired.filter(({ call }) => call.startsWith('reminderPorts')).length;
  let unknown = 0;
  for (const { id, reminders } of clinic.store.patients.patients())
    for (const { key: name, outcome } of reminders) {
      expect(outcome).not.toBe('claimed');
      if (outcome === 'unknown') unknown += 1;
      const wasSent = clinic.reminders.includes(`${id} ${name}`);
      if (wasSent) expect(['sent', 'unknown']).toContain(outcome);
      if (outcome === 'sent') expect(wasSent).toBe(true);
    }
  expect(unknown).toBeLessThanOrEqual(failed);
}
