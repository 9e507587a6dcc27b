import { hash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyBundle } from '../bin/commands/audit-verify.ts';
import { MemoryChangedChains, MemorySealStore } from '../functions/adapters/memory/seal-store.ts';
import { everything } from '../functions/domain/audit-bundle.ts';
import { chainHash, genesis } from '../functions/domain/audit-chain.ts';
import { sha256OfText } from '../functions/domain/canonical.ts';
import { instantAt } from '../functions/domain/instant.ts';
import { exportEvidence } from '../functions/export-evidence.ts';
import type { StoredRecord } from '../functions/ports/stored-records.ts';
import { sealPeriod } from '../functions/seal-period.ts';
import {
  jweLike,
  numbers,
  period,
  start,
  type TestKey,
  terms,
  testKey,
  verifySignature,
} from '../tests/sealed-history.ts';
import type { Figure } from './run.ts';

const chains = 2_000;
/** Records that a chain gains between two seals. */
const growth = 5;

/** Records as an audit table would give them: computed anew whenever they are asked for, so that nothing is held. */
function tableOf(contents: readonly string[]) {
  const heads = new Map<string, string>();
  const recordOf = (chain: string, sequence: number): StoredRecord => {
    const recordHash = sha256OfText(`${chain} ${sequence}`);
    const head = chainHash(chain, sequence, heads.get(chain) ?? genesis(chain), recordHash);
    heads.set(chain, head);
    const content = contents[sequence % contents.length] ?? null;
    return { chain, sequence, recordedAt: instantAt(start + (sequence / growth) * period), recordHash, head, content };
  };
  return {
    *between(chain: string, firstSeq: number, lastSeq: number) {
      for (let sequence = firstSeq; sequence <= lastSeq; sequence += 1) yield recordOf(chain, sequence);
    },
  };
}

async function writeBundle(file: string, records: number, key: TestKey): Promise<void> {
  const [store, changed] = [new MemorySealStore(), new MemoryChangedChains()];
  const draw = numbers(1);
  const contents = Array.from({ length: 64 }, () => jweLike(draw));
  const writing = tableOf(contents);
  for (let seal = 1; seal <= records / chains / growth; seal += 1) {
    for (let i = 0; i < chains; i += 1) {
      const last = [...writing.between(`p-${i}`, (seal - 1) * growth + 1, seal * growth)].at(-1);
      changed.grew(`p-${i}`, seal * growth, last?.head ?? '');
    }
    await sealPeriod({ store, chains: changed, signers: [key.signer] }, terms, instantAt(start + seal * period));
  }
  const output = await open(file, 'w');
  let waiting: string[] = [];
  const about = { scope: everything, exportedAt: instantAt(start), keys: [] };
  for await (const line of exportEvidence({ store, records: tableOf(contents) }, about)) {
    if (waiting.push(line) < 2_000) continue;
    await output.write(waiting.join(''));
    waiting = [];
  }
  await output.write(waiting.join(''));
  await output.close();
}

const readingOf = (file: string) => createReadStream(file, { highWaterMark: 1024 * 1024 });

/** CPU seconds of the work, and the most memory it held beyond what was held before, in MB. */
async function costOf(work: () => Promise<void>): Promise<{ readonly seconds: number; readonly megabytes: number }> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  // What survives a collection counts, not what waits for one.
  const watch = setInterval(() => {
    globalThis.gc?.();
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  }, 1000);
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  return { seconds: (user + system) / 1e6, megabytes: most / 2 ** 20 };
}

async function verify(file: string, key: TestKey): Promise<void> {
  const keys = [{ ...key.signer.key, name: null }];
  const report = await verifyBundle(readingOf(file), { keys, verify: verifySignature, witness: null }, new Map());
  if (report === null || report.faults.length > 0) throw new Error('the bundle of the bench does not verify');
}

/** The least that any verifier does: reads each line as JSON and hashes it. */
async function parseAndHash(file: string): Promise<void> {
  let rest = '';
  let hashed = 0;
  for await (const chunk of readingOf(file).setEncoding('latin1')) {
    const text = `${rest}${chunk}`;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = text.slice(from, end);
      JSON.parse(line);
      hashed += hash('sha256', line).length;
      from = end + 1;
    }
    rest = text.slice(from);
  }
  if (hashed === 0) throw new Error('nothing was hashed');
}

async function sealMany(count: number): Promise<number> {
  const changed = new MemoryChangedChains();
  const ports = { store: new MemorySealStore(), chains: changed, signers: [testKey().signer] };
  for (let i = 0; i < count; i += 1) changed.grew(`p-${i}`, 1, sha256OfText(String(i)));
  const { seconds } = await costOf(async () => {
    await sealPeriod(ports, terms, instantAt(start + period));
  });
  return seconds;
}

/** Verifying a million records, beside parsing and hashing the same bytes; sealing 100,000 chains. */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const [file, small] = [join(folder, 'evidence'), join(folder, 'small')];
  try {
    const key = testKey();
    await writeBundle(file, 1_000_000, key);
    await writeBundle(small, 200_000, key);
    await verify(small, key);
    const tenth = await costOf(() => verify(small, key));
    const verified = await costOf(() => verify(file, key));
    const least = await costOf(() => parseAndHash(file));
    const megabytes = Math.round(statSync(file).size / 2 ** 20);
    return [
      {
        name: 'verify 1,000,000 audit records',
        value: verified.seconds,
        unit: 'CPU s',
        aim: 10,
        note: `${megabytes} MB`,
      },
      { name: 'parse and hash the same bytes', value: least.seconds, unit: 'CPU s' },
      { name: 'verify, times parse and hash', value: verified.seconds / least.seconds, unit: 'x', aim: 2 },
      { name: 'memory held verifying 200,000 records', value: tenth.megabytes, unit: 'MB' },
      {
        name: 'memory held verifying 1,000,000 records',
        value: verified.megabytes,
        unit: 'MB',
        note: `${chains} chains in both`,
      },
      { name: 'seal 100,000 changed chains', value: await sealMany(100_000), unit: 'CPU s', aim: 60 },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
