import { beforeAll, describe, expect, it } from 'vitest';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { activity, newPatient, recorded, withoutEvent } from './changes.ts';
import { createTables, type EmulatedTables, processOver } from './emulated-tables.ts';
import { clientThatLosesAnAnswer, clientThatNeverAnswers } from './lossy-client.ts';

const decisions = [
  ['about an event', recorded],
  ['about no event', (patient: Parameters<typeof recorded>[0]) => withoutEvent(patient)],
] as const;

describe('an answer lost after the transaction was applied (D02, D10)', () => {
  let tables: EmulatedTables;
  let other: ReturnType<typeof processOver>;

  beforeAll(async () => {
    tables = await createTables();
    other = processOver(tables);
  });

  for (const [about, decide] of decisions) {
    it(`is a success for a decision ${about}: the retry within ten minutes is known by its token`, async () => {
      const id = newPatient();
      const { patients } = processOver(
        tables,
        clientThatLosesAnAnswer(async () => {}),
      );
      const loaded = await patients.load(id);
      await patients.commit(loaded, decide(loaded, activity()));
      expect(await other.patients.load(id)).toMatchObject({ version: 1 });
    });

    it(`is a success for a decision ${about}: the retry after that finds its own record, others behind it or not`, async () => {
      for (const others of [0, 2]) {
        const id = newPatient();
        const client = clientThatLosesAnAnswer(async (request) => {
          request.forgetToken();
          for (let n = 0; n < others; n += 1) {
            await other.patients.commit(
              await other.patients.load(id),
              recorded(await other.patients.load(id), activity()),
            );
          }
        });
        const { patients } = processOver(tables, client);
        const loaded = await patients.load(id);
        await patients.commit(loaded, decide(loaded, activity()));
        expect(await other.patients.load(id)).toMatchObject({ version: 1 + others });
        expect(await other.auditRecords(id)).toHaveLength(1 + others);
      }
    });
  }

  it('fails where no try is answered, and the next delivery of the event finds it stored', async () => {
    const id = newPatient();
    const event = activity();
    const deaf = processOver(tables, clientThatNeverAnswers());
    const loaded = await deaf.patients.load(id);
    await expect(deaf.patients.commit(loaded, recorded(loaded, event))).rejects.toThrow('the answer was lost');
    expect(await other.patients.seen(id, event.id)).toEqual({ kind: 'same-patient', event });
    expect(await other.auditRecords(id)).toHaveLength(1);
  });

  it('puts an entry aside once', async () => {
    const entry = { id: newPatient(), at: '2026-03-01T00:00:00.000Z', reason: 'is not a message', body: '?' };
    const client = clientThatLosesAnAnswer(async (request) => request.forgetToken());
    await processOver(tables, client).setAsides.put(entry);
    expect(await other.setAsides.list()).toEqual([entry]);
    const removing = clientThatLosesAnAnswer(async (request) => request.forgetToken());
    expect(await processOver(tables, removing).setAsides.remove(entry.id, 'sent again')).toBe(true);
    expect(await other.setAsides.list()).toEqual([]);
  });

  it('lets a decision through once when two processes deliver the same event at once', async () => {
    const id = newPatient();
    const event = activity();
    const deliver = ({ patients }: typeof other) =>
      loadDecideCommit(
        patients,
        id,
        async (patient) => ((await patients.seen(id, event.id)).kind === 'never' ? recorded(patient, event) : null),
        () => Promise.resolve(),
      );
    const changes = await Promise.all([deliver(other), deliver(processOver(tables)), deliver(processOver(tables))]);
    expect(changes.filter((change) => change !== null)).toHaveLength(1);
    expect(await other.auditRecords(id)).toHaveLength(1);
  });
});
