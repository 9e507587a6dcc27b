import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import { readTrustedKeys } from '../../functions/domain/checkpoint.ts';
import { damagedText } from '../damaged-text.ts';
import { runs } from '../example-clinic.ts';
import { randomHistory, testKey, verifySignature } from '../sealed-history.ts';

const key = testKey();
const history = await randomHistory(key, { chains: 5, records: 30, seals: 3, seed: 11 });
const sound = (await history.lines()).map((line) => `${line}\n`).join('');
const basis = { keys: readTrustedKeys(key.line), verify: verifySignature, witness: null };

async function verified(bytes: Buffer, chunk = 4_096) {
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  };
  return verifyBundle(chunks(), basis, new Map());
}

describe('an evidence bundle', () => {
  it('is sound, however its bytes come', async () => {
    for (const chunk of [1, 7, 1_000_000]) expect((await verified(Buffer.from(sound), chunk))?.faults).toEqual([]);
  });

  it('with one byte changed anywhere is never sound, and the verifier never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: sound.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(sound);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const report = await verified(bytes);
        expect(report?.faults).not.toEqual([]);
      }),
      { seed: 55, numRuns: runs(200) },
    );
  });

  it('that was cut, doubled, shuffled or filled up is never sound, and its report stays short', async () => {
    const pieces = [
      '\n',
      '{}\n',
      '"',
      '{"kind":"record"}\n',
      '['.repeat(100_000),
      'x'.repeat(1_200_000),
      '\u0000',
      'é',
    ];
    await fc.assert(
      fc.asyncProperty(damagedText([sound], pieces), fc.constantFrom(1_000, 65_536), async (text, chunk) => {
        const report = await verified(Buffer.from(text), chunk);
        if (text === sound) return;
        expect(report?.faults).not.toEqual([]);
        expect(JSON.stringify(report ?? null).length).toBeLessThan(100_000);
      }),
      { seed: 56, numRuns: runs(100) },
    );
  });

  it('and anything else that may lie in its place, is told apart from one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 2_000 }),
          fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
        ),
        async (bytes) => {
          expect(await verified(Buffer.from(bytes))).toBeNull();
        },
      ),
      { seed: 57, numRuns: runs(200) },
    );
  });

  it('of a hundred megabytes without a newline is read in the memory of one line', async () => {
    const chunk = Buffer.alloc(1_000_000, 'x');
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    const chunks = async function* () {
      yield Buffer.from(sound);
      for (let count = 0; count < 100; count += 1) {
        yield chunk;
        most = Math.max(most, process.memoryUsage().heapUsed - before);
      }
    };
    const report = await verifyBundle(chunks(), basis, new Map());
    expect(report?.faults).not.toEqual([]);
    expect(most).toBeLessThan(150_000_000);
  });
});
