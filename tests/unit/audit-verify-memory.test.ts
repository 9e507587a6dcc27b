import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import { readTrustedKeys } from '../../functions/domain/checkpoint.ts';
import { jweLike, numbers, SealedHistory, testKey, verifySignature } from '../sealed-history.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What lives now, in bytes. */
function held(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it('holds nothing of what was read, of chains that never come again neither', async () => {
  const key = testKey();
  const content = jweLike(numbers(1));
  const history = new SealedHistory(key.signer, () => content);
  for (let chain = 0; chain < 200; chain += 1)
    for (let record = 0; record < 60; record += 1) history.append(`p-${String(chain).padStart(20, '0')}`);
  await history.seal();
  const bytes = Buffer.from((await history.lines()).map((line) => `${line}\n`).join(''), 'latin1');
  const seen: number[] = [];
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 65_536) {
      if (at > seen.length * 20 * 65_536) seen.push(held());
      yield bytes.subarray(at, at + 65_536);
    }
  }
  const basis = { keys: readTrustedKeys(key.pem), verify: verifySignature, witness: null };
  const report = await verifyBundle(pieces(), basis, new Map());
  expect(report?.counts).toMatchObject({ records: 12_000, chains: 200 });
  expect(seen.length).toBeGreaterThan(4);
  const [first = 0, ...later] = seen;
  expect(Math.max(...later) - first).toBeLessThan(bytes.length / 4);
});
