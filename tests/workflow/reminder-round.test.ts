import { beforeAll, describe, expect, it } from 'vitest';
import { shardOf } from '../../functions/adapters/shard.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { hours, later } from '../../functions/domain/instant.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { withSettings } from '../emulator/function-settings.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed } from '../end-to-end/deployed.ts';
import { exampleClinic } from '../example-clinic.ts';
import { zoneWhereItIs } from '../zone-at-hour.ts';

let stack: Deployed;
let round: Executions;
beforeAll(() => {
  stack = deployed();
  round = executionsOf(stack.output('ReminderRoundArn'));
});

/** The first so many ids that lie in a shard. */
function idsIn(shard: number, count: number, name: string): PatientId[] {
  const ids: PatientId[] = [];
  for (let number = 0; ids.length < count; number += 1) {
    const id = `p-${name}-${number}`;
    if (shardOf(id) === shard) ids.push(id);
  }
  return ids;
}

let numbers = 0;

/** Enrols somebody whose welcome is due now, and says which number it goes to. */
async function makeDue(id: PatientId): Promise<string> {
  const timeZone = zoneWhereItIs(Number(exampleClinic.programme.reminders?.preferredHour.slice(0, 2)));
  numbers += 1;
  const sms = `+1202555${1000 + numbers}`;
  const enrolment = { programme: 'depression', track: 'self-guided', timeZone, contact: { preferred: 'sms', sms } };
  await commit(id, 'PatientEnrolled', enrolment);
  await commit(id, 'ConsentGiven', { scopes: ['reminders'] });
  return sms;
}

async function commit(patient: PatientId, type: ClinicalEvent['type'], data: object): Promise<void> {
  const now = new Date().toISOString();
  const loaded = await stack.patients.load(patient);
  const event = { id: `${patient}-${type}`, patient, type, occurredAt: later(now, -1 * hours), data } as ClinicalEvent;
  await stack.patients.commit(loaded, decideEvent(loaded, event, null, exampleClinic, now));
}

async function failedCalls(executionArn: string): Promise<number> {
  return (await round.history(executionArn)).filter(({ type }) => type === 'TaskFailed').length;
}

async function answers(executionArn: string): Promise<string[]> {
  return (await round.history(executionArn)).flatMap(
    ({ taskSucceededEventDetails }) => taskSucceededEventDetails?.output ?? [],
  );
}

/** How many SMS each of these numbers got. */
async function received(to: readonly string[]): Promise<number[]> {
  const answer = await fetch(`${stack.endpoint}/_ministack/sns/sms-messages`);
  const { sms_messages: all } = (await answer.json()) as { sms_messages: Record<string, unknown[]> };
  return to.map((number) => all[number]?.length ?? 0);
}

/** The emulator's history names the states of the workflow itself, not those inside its Map; there it has the calls. */
const wholeRound = ['Begin the round', 'Look at every shard', 'Was every shard looked at?'];

describe('the round of reminders', () => {
  it('fails where it cannot even begin', async () => {
    await withSettings(
      stack.output('ReminderRoundFunction'),
      { variables: { PATIENT_TOPIC_PREFIX: 'not an ARN' } },
      async () => {
        const { status, executionArn = '' } = await round.run();
        expect(status).toBe('FAILED');
        expect(await round.states(executionArn)).toEqual(['Begin the round']);
        expect(await failedCalls(executionArn)).toBe(5);
      },
    );
  });

  it('leaves a shard that fails at every try to the next round, goes on with the others, and ends as ShardsLeft', async () => {
    const first = await makeDue(idsIn(2, 1, 'left')[0] ?? '');
    const second = await makeDue(idsIn(9, 1, 'next')[0] ?? '');
    const executionArn = await withSettings(
      stack.output('ReminderRoundFunction'),
      { variables: { AUDIT_TABLE: 'no-such-table' } },
      async (restore) => {
        const started = await round.start();
        await until('the shard to be left', async () => (await failedCalls(started)) >= 4, { limitSeconds: 110 });
        await restore();
        return started;
      },
    );
    expect(await round.ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'ShardsLeft' });
    expect(await round.states(executionArn)).toEqual([...wholeRound, 'A shard was left']);
    expect(await received([first, second])).toEqual([0, 1]);

    const { status, output } = await round.run();
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output ?? '')).toMatchObject({ sent: 1, shardsLeft: 0 });
    expect(await received([first, second])).toEqual([1, 1]);
  }, 240_000);

  it('goes on in a shard as long as somebody is left there, adds up what became of all, and sends nothing twice', async () => {
    const numbersOfMany: string[] = [];
    for (const id of idsIn(5, 5, 'many')) numbersOfMany.push(await makeDue(id));
    // Two seconds more than the function keeps in reserve, so that it stops before it is done: it sends one SMS a second.
    const {
      status,
      output,
      executionArn = '',
    } = await withSettings(stack.output('ReminderRoundFunction'), { timeout: 32 }, () => round.run());
    expect(status).toBe('SUCCEEDED');
    expect(await round.states(executionArn)).toEqual([...wholeRound, 'The round is over']);
    expect(JSON.parse(output ?? '')).toEqual({
      patients: 5,
      sent: 5,
      failed: 0,
      dropped: 0,
      cancelled: 0,
      busy: 0,
      unknown: 0,
      leftDue: 0,
      shardsLeft: 0,
    });
    expect((await answers(executionArn)).filter((answer) => /"done": ?false/.test(answer)).length).toBeGreaterThan(0);
    expect(await received(numbersOfMany)).toEqual([1, 1, 1, 1, 1]);
  });

  it('sends nothing where nobody is due, and says so', async () => {
    const { status, output } = await round.run();
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output ?? '')).toMatchObject({ patients: 0, sent: 0, shardsLeft: 0 });
  });
});
