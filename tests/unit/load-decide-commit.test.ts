import { describe, expect, it } from 'vitest';
import type { Change } from '../../functions/domain/decide.ts';
import type { Patient } from '../../functions/domain/patient.ts';
import { jitteredPause, loadDecideCommit, mostAttempts } from '../../functions/load-decide-commit.ts';
import { Conflict, type Patients } from '../../functions/ports/patients.ts';

/** Patients whose commit fails as told, one outcome after the other. */
function failing(...outcomes: (Error | null)[]): { patients: Patients; commits: () => number } {
  let commits = 0;
  const patients = {
    load: () => Promise.resolve({ version: commits } as Patient),
    commit: () => {
      const outcome = outcomes[commits] ?? null;
      commits += 1;
      return outcome === null ? Promise.resolve() : Promise.reject(outcome);
    },
  } as unknown as Patients;
  return { patients, commits: () => commits };
}
const change = {} as Change;
const noPause = () => Promise.resolve();

describe('load, decide, commit', () => {
  it('decides again on what it loaded after a conflict', async () => {
    const { patients } = failing(new Conflict(), new Conflict());
    const seen: number[] = [];
    const decide = (patient: Patient) => {
      seen.push(patient.version);
      return Promise.resolve(change);
    };
    expect(await loadDecideCommit(patients, 'p', decide, noPause)).toBe(change);
    expect(seen).toEqual([0, 1, 2]);
  });

  it('commits nothing where there is nothing to do', async () => {
    const { patients, commits } = failing();
    expect(await loadDecideCommit(patients, 'p', () => Promise.resolve(null), noPause)).toBeNull();
    expect(commits()).toBe(0);
  });

  it('passes on any other error at once, and a conflict after the last attempt', async () => {
    const broken = failing(new Error('no table'));
    await expect(loadDecideCommit(broken.patients, 'p', () => Promise.resolve(change), noPause)).rejects.toThrow(
      'no table',
    );
    expect(broken.commits()).toBe(1);
    const busy = failing(...Array.from({ length: mostAttempts }, () => new Conflict()));
    await expect(loadDecideCommit(busy.patients, 'p', () => Promise.resolve(change), noPause)).rejects.toThrow(
      Conflict,
    );
    expect(busy.commits()).toBe(mostAttempts);
  });

  it('waits a random part of a ceiling that doubles up to a second', async () => {
    const waits: number[] = [];
    const pause = jitteredPause(
      () => 0.5,
      (milliseconds) => {
        waits.push(milliseconds);
        return Promise.resolve();
      },
    );
    for (const attempt of [1, 2, 5, 6, 30]) await pause(attempt);
    expect(waits).toEqual([20, 40, 320, 500, 500]);
  });
});
