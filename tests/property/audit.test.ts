import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuditVerification } from '../../functions/domain/audit-verify.ts';
import { readTrustedKeys } from '../../functions/domain/checkpoint.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { period, SealedHistory, start, testKey, verifySignature } from '../sealed-history.ts';

const key = testKey();
const keys = readTrustedKeys(key.pem);

function faultsOf(lines: readonly string[]) {
  const verification = new AuditVerification({ keys, verify: verifySignature, witness: null });
  for (const line of lines) verification.line(line);
  return verification.end().faults;
}

/** For each period the chains that grow, by number, in the order of their records. */
const growth = fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 12 }), { minLength: 1, maxLength: 8 });

async function grown(periods: readonly (readonly number[])[]): Promise<SealedHistory> {
  const history = new SealedHistory(key.signer);
  for (const chains of periods) {
    for (const chain of chains) history.append(`p-${chain}`);
    await history.seal();
  }
  return history;
}

describe('any history', () => {
  it('verifies, as a whole and in every part of it', async () => {
    await fc.assert(
      fc.asyncProperty(growth, fc.nat({ max: 6 }), fc.nat({ max: 8 }), async (periods, chain, first) => {
        const history = await grown(periods);
        expect(faultsOf(await history.lines())).toEqual([]);
        const from = instantAt(start + first * period);
        for (const chains of ['all', [`p-${chain}`]] as const)
          expect(faultsOf(await history.lines({ chains, from, to: null }))).toEqual([]);
      }),
      { seed: 8, numRuns: 100 },
    );
  });

  it('loses no line, gains none and swaps none unseen', async () => {
    await fc.assert(
      fc.asyncProperty(growth, fc.nat(), fc.nat(), async (periods, a, b) => {
        const lines = await (await grown(periods)).lines();
        const [i, j] = [a % lines.length, b % lines.length];
        const [one, other] = [lines[i] as string, lines[j] as string];
        expect(faultsOf(lines.toSpliced(i, 1))).not.toEqual([]);
        expect(faultsOf(lines.toSpliced(i, 0, other))).not.toEqual([]);
        expect(faultsOf(lines.with(i, other).with(j, one)).length > 0).toBe(i !== j);
      }),
      { seed: 8, numRuns: 200 },
    );
  });
});
