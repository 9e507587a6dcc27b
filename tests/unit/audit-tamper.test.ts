import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import type { AuditReport } from '../../functions/domain/audit-verify.ts';
import type { AuditFault } from '../../functions/domain/audit-verify-fault.ts';
import { readTrustedKeys } from '../../functions/domain/checkpoint.ts';
import { numbers, randomHistory, testKey, verifySignature } from '../sealed-history.ts';
import { bytesOf, type Tampered, tamperings, valuesOf } from '../tampering.ts';

const isLong = process.env['TANDEM_LONG'] === '1';
const size = isLong ? { chains: 60, records: 10_000, seals: 12 } : { chains: 20, records: 500, seals: 6 };
const times = isLong ? 1000 : 20;

const key = testKey();
const otherKey = testKey();
const texts = await (await randomHistory(key, { ...size, seed: 7 })).lines();
const lines = valuesOf(texts);

const folder = mkdtempSync(join(tmpdir(), 'tandem-tamper-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'key.pem'), key.pem);
writeFileSync(join(folder, 'other.pem'), otherKey.pem);

const python = [process.env['TANDEM_PYTHON'], '.emulator/bin/python', 'python3'].find(
  (path) => path !== undefined && spawnSync(path, ['-c', 'import cryptography']).status === 0,
);

/** Reads "KEY FILE" lines, answers each with 1 where the second verifier finds nothing wrong and 0 where it does. */
const manyFiles = `
import sys
sys.path.insert(0, "docs")
from verify import verify, ser
for line in sys.stdin:
    key, path = line.split()
    try: verify(open(path, "rb"), [ser.load_pem_public_key(open(key, "rb").read())]); print(1)
    except Exception: print(0)
`;

function secondOpinion(files: readonly string[], keyFile = 'key.pem'): boolean[] {
  const input = files.map((file) => `${join(folder, keyFile)} ${join(folder, file)}\n`).join('');
  const run = spawnSync(python as string, ['-B', '-c', manyFiles], { input, encoding: 'utf8' });
  return run.stdout
    .trim()
    .split('\n')
    .map((answer) => answer === '1');
}

async function verdict(bytes: Buffer, pem = key.pem): Promise<AuditReport> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
  const basis = { keys: readTrustedKeys(pem), verify: verifySignature, witness: null };
  const report = await verifyBundle(chunks(), basis, new Map());
  if (report === null) throw new Error('not a bundle');
  return report;
}

/** Whether one of the faults names the tampering: a kind that fits it, at the place where it was. */
function isLocated(faults: readonly AuditFault[], { kinds, at }: Tampered): boolean {
  return faults.some(
    (fault) =>
      kinds.includes(fault.kind) && Object.entries(at).every(([name, value]) => fault[name as 'chain'] === value),
  );
}

describe('an evidence bundle that nobody touched', () => {
  it('passes, with all its records, chains and seals counted', async () => {
    const report = await verdict(bytesOf(texts));
    expect(report.faults).toEqual([]);
    expect(report.counts).toMatchObject({ seals: size.seals, chains: size.chains });
  });

  it.skipIf(python === undefined)('passes the second verifier (skipped without Python and its cryptography)', () => {
    writeFileSync(join(folder, 'sound'), bytesOf(texts));
    expect(secondOpinion(['sound'])).toEqual([true]);
  });
});

describe.each(Object.entries(tamperings))('%s', (name, tamper) => {
  /** The same cases each time, made one by one: all together they would fill the memory. */
  function* cases(): Generator<Tampered> {
    const draw = numbers(name.length * 7919);
    for (let i = 0; i < times; i += 1) yield tamper(texts, lines, draw);
  }

  it('is found, named and located, and not reported as many faults', async () => {
    const most = /all it covers|a part/.test(name) ? size.chains + 3 : 4;
    let found = 0;
    const amiss: unknown[] = [];
    for (const tampered of cases()) {
      const { faults } = await verdict(tampered.bytes);
      found += 1;
      if (!isLocated(faults, tampered) || faults.length > most)
        amiss.push({ faults, kinds: tampered.kinds, at: tampered.at });
    }
    expect(amiss).toEqual([]);
    expect(found).toBe(times);
  });

  it.skipIf(python === undefined)(
    'is found by the second verifier (skipped without Python and its cryptography)',
    () => {
      const accepted: number[] = [];
      let [from, batch]: [number, string[]] = [0, []];
      const judge = () => {
        secondOpinion(batch).forEach((isSound, i) => {
          if (isSound) accepted.push(from + i);
        });
        [from, batch] = [from + batch.length, []];
      };
      for (const { bytes } of cases()) {
        const file = String(batch.length);
        writeFileSync(join(folder, file), bytes);
        batch.push(file);
        if (batch.length === 20) judge();
      }
      expect(batch).toEqual([]);
      expect(from).toBe(times);
      expect(accepted).toEqual([]);
    },
  );
});

describe('another key', () => {
  it('is no proof: the seals are of an unknown key', async () => {
    const { faults } = await verdict(bytesOf(texts), otherKey.pem);
    expect(faults).toMatchObject([{ kind: 'unknown-key', seal: 1 }]);
  });

  it.skipIf(python === undefined)('is none for the second verifier either', () => {
    writeFileSync(join(folder, 'sound'), bytesOf(texts));
    expect(secondOpinion(['sound'], 'other.pem')).toEqual([false]);
  });
});
