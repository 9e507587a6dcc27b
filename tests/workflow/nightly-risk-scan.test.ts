import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../bin/emulator/emulator.ts';
import { sha256Hex } from '../../functions/domain/canonical.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { hours, later } from '../../functions/domain/instant.ts';
import { nightAt } from '../../functions/domain/night.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { withSettings } from '../emulator/function-settings.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, deployedAlone } from '../end-to-end/deployed.ts';
import { exampleClinic } from '../example-clinic.ts';

// An emulator of its own: a night is one for the whole clinic, and the patients of other tests are due in it too.
let emulator: Emulator;
let stack: Deployed;
let scan: Executions;
beforeAll(async () => {
  const alone = await deployedAlone('nightly-risk-scan', { waitScale: 0.01 });
  emulator = alone.emulator;
  stack = deployed({ endpoint: emulator.endpoint, outputs: alone.outputs });
  scan = executionsOf(stack.output('NightlyRiskScanArn'));
});
afterAll(() => emulator.stop());

const tonight = () => nightAt(new Date().toISOString(), exampleClinic.settings.timeZone);
const shardOf = (id: PatientId) => Number.parseInt(sha256Hex(id).slice(0, 1), 16);

/** The first so many ids that lie in a shard. */
function idsIn(shard: number, count: number, name: string): PatientId[] {
  const ids: PatientId[] = [];
  for (let number = 0; ids.length < count; number += 1) {
    const id = `p-${name}-${number}`;
    if (shardOf(id) === shard) ids.push(id);
  }
  return ids;
}

/** A new event makes a patient due. */
async function makeDue(ids: readonly PatientId[]): Promise<void> {
  for (let first = 0; first < ids.length; first += 20)
    await Promise.all(ids.slice(first, first + 20).map(commitActivity));
}

async function commitActivity(id: PatientId): Promise<void> {
  const patient = await stack.patients.load(id);
  const now = new Date().toISOString();
  const event: ClinicalEvent = {
    id: `${id}-${patient.version}`,
    patient: id,
    type: 'PatientActive',
    occurredAt: now,
    data: { kind: 'use', minutes: 1 },
  };
  await stack.patients.commit(patient, decideEvent(patient, event, null, exampleClinic, now));
}

/** Of a night, one for each patient looked at. */
async function linesOf(ids: readonly PatientId[]) {
  return (await stack.nights.lines(tonight())).filter(({ patient }) => ids.includes(patient));
}

/** The emulator's history names the states of the workflow itself, not those inside its Map; there it has the calls. */
const wholeNight = [
  'Open the night',
  'Was it done already?',
  'Look at every shard',
  'Close the night',
  'Is everybody accounted for?',
];

async function answers(executionArn: string): Promise<string[]> {
  return (await scan.history(executionArn)).flatMap(
    ({ taskSucceededEventDetails }) => taskSucceededEventDetails?.output ?? [],
  );
}

async function failedCalls(executionArn: string): Promise<number> {
  return (await scan.history(executionArn)).filter(({ type }) => type === 'TaskFailed').length;
}

// In this order: a night is one for the whole of this file.
describe('the nightly risk scan', () => {
  const oneInEachShard = [0, 1, 2, 3, 4, 5].flatMap((shard) => idsIn(shard, 1, 'each'));
  const moreThanAPage = idsIn(9, 201, 'many');

  it('fails where its first step cannot be done at any try, and has begun nothing', async () => {
    await withSettings(stack.output('RiskScanFunction'), { variables: { CARE_TABLE: 'no-such-table' } }, async () => {
      const { status, executionArn = '' } = await scan.run();
      expect(status).toBe('FAILED');
      expect(await scan.states(executionArn)).toEqual(['Open the night']);
      expect(await failedCalls(executionArn)).toBe(6);
    });
    expect(await stack.nights.load(tonight())).toBeUndefined();
  });

  it('fails where the night cannot be closed, which is then not finished', async () => {
    const night = tonight();
    // Late enough that whoever becomes due in this file belongs to it.
    const startedAt = later(new Date().toISOString(), hours);
    await stack.nights.open({ night, rules: exampleClinic.hash, startedAt, until: startedAt, finished: null });
    // Opened already, the night is only read by the first step, and nobody is due: no record is written but the last.
    await withSettings(stack.output('RiskScanFunction'), { variables: { AUDIT_TABLE: 'no-such-table' } }, async () => {
      const { status, executionArn = '' } = await scan.run();
      expect(status).toBe('FAILED');
      expect(await scan.states(executionArn)).toEqual(wholeNight.slice(0, 4));
    });
    expect(await stack.nights.load(night)).toMatchObject({ finished: null });
  });

  it('leaves a shard that fails at every try to the account, goes on with the others, and ends as PatientsMissed', async () => {
    await makeDue(oneInEachShard);
    const executionArn = await withSettings(
      stack.output('RiskScanFunction'),
      { variables: { AUDIT_TABLE: 'no-such-table' } },
      async (restore) => {
        const started = await scan.start();
        // Of four shards at once, tried seven times each, one has then been left.
        await until('a shard to be left', async () => (await failedCalls(started)) > 4 * 6, { limitSeconds: 110 });
        await restore();
        return started;
      },
    );
    expect(await scan.ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'PatientsMissed' });
    expect(await scan.states(executionArn)).toEqual([...wholeNight, 'Somebody was missed']);
    const done = (await linesOf(oneInEachShard)).length;
    expect(done).toBeLessThan(6);
    expect(done).toBeGreaterThanOrEqual(2);
    expect((await stack.nights.load(tonight()))?.finished).toMatchObject({ due: 6, assessed: done, missed: 6 - done });
  }, 180_000);

  it('P13: started again, looks at whoever is left, page after page, and at nobody twice', async () => {
    await makeDue(moreThanAPage);
    const before = await linesOf(oneInEachShard);
    // Less than the function keeps in reserve, so that it ends after each page.
    const {
      status,
      output,
      executionArn = '',
    } = await withSettings(stack.output('RiskScanFunction'), { timeout: 25 }, () => scan.run());
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output ?? '')).toMatchObject({ due: 207, assessed: 207, setAside: 0, missed: 0 });
    expect(await scan.states(executionArn)).toEqual([...wholeNight, 'The night is over']);
    expect((await answers(executionArn)).filter((answer) => /"cursor": ?"/.test(answer))).toHaveLength(1);
    expect(await linesOf(oneInEachShard)).toEqual(expect.arrayContaining(before));
    const everyone = [...oneInEachShard, ...moreThanAPage];
    expect(await linesOf(everyone)).toHaveLength(207);
    const versions = await Promise.all(everyone.map(async (id) => (await stack.patients.load(id)).version));
    expect(new Set(versions)).toEqual(new Set([2]));
  });

  it('D13: started a second time for a night that is done, ends at once and changes nothing', async () => {
    const before = await stack.nights.load(tonight());
    const { status, executionArn = '' } = await scan.run();
    expect(status).toBe('SUCCEEDED');
    expect(await scan.states(executionArn)).toEqual(['Open the night', 'Was it done already?', 'Nothing left to do']);
    expect(await stack.nights.load(tonight())).toEqual(before);
  });
});
