import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import { emulatorPython } from '../../bin/emulator/install.ts';
import type { AuditReport } from '../../functions/domain/audit-verify.ts';
import type { AuditFault } from '../../functions/domain/audit-verify-fault.ts';
import { readTrustedKeys } from '../../functions/domain/checkpoint.ts';
import { numbers, randomHistory, testKey, verifySignature } from '../sealed-history.ts';
import { mended, type Tampered, tamperings, valuesOf } from '../tampering.ts';

// All lines but one or two of a tampered file are those of the sound one: each is read and hashed once, not once for each file.
vi.mock('../../functions/domain/audit-bundle.ts', async (original) => {
  const bundle = await original<typeof import('../../functions/domain/audit-bundle.ts')>();
  const known = new Map<string, ReturnType<typeof read>>();
  const read = (text: string) => ({ text, line: bundle.readLine(text), hash: bundle.lineHash(text) });
  let last = read('');
  function remembered(text: string) {
    if (text === last.text) return last;
    last = known.get(text) ?? read(text);
    if (known.size < 20_000) known.set(text, last);
    return last;
  }
  return {
    ...bundle,
    readLine: (text: string) => remembered(text).line,
    lineHash: (text: string) => remembered(text).hash,
  };
});

const isLong = process.env['TANDEM_LONG'] === '1';
const size = isLong ? { chains: 60, records: 10_000, seals: 12 } : { chains: 20, records: 500, seals: 6 };
const times = isLong ? 1000 : 20;

const key = testKey();
const otherKey = testKey();
const lines = valuesOf(await (await randomHistory(key, { ...size, seed: 7 })).lines());
const sound = mended(lines);

const folder = mkdtempSync(join(tmpdir(), 'tandem-tamper-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'key.pem'), key.pem);
writeFileSync(join(folder, 'other.pem'), otherKey.pem);
writeFileSync(join(folder, 'sound'), sound.join(''), 'latin1');

const python = [process.env['TANDEM_PYTHON'], 'python3', emulatorPython].find(
  (path) => path !== undefined && spawnSync(path, ['-c', 'import cryptography']).status === 0,
);

/**
 * The second verifier over many files. Each comes as a line of JSON, in parts: a text, or from which line of the sound file to which.
 * It goes through the sound one, and where a file begins to differ it leaves a copy of itself behind that goes on with that one's lines:
 * so what all files have in common is verified once. Says for each whether nothing was found wrong.
 */
const manyFiles = `
import io, json, os, sys
sys.path.insert(0, "docs")
from verify import verify, ser
key, sound = ser.load_pem_public_key(open(sys.argv[1], "rb").read()), open(sys.argv[2], "rb").readlines()
def text(part): return part.encode("latin-1") if isinstance(part, str) else b"".join(sound[part[0]:part[1]])
files, mine = {}, None
for number, line in enumerate(sys.stdin):
    parts = json.loads(line)
    common = parts.pop(0)[1] if isinstance(parts[0], list) and parts[0][0] == 0 else 0
    files.setdefault(common, []).append((number, parts))
def lines():
    global mine
    for at in range(len(sound) + 1):
        for number, parts in files.pop(at, []):
            if os.fork() == 0:
                mine = number
                yield from io.BytesIO(b"".join(map(text, parts))).readlines()
                return
            os.wait()
        yield from sound[at:at + 1]
try: verify(lines(), [key]); answer = 1
except Exception: answer = 0
# Where it refuses what they have in common, it refuses all that were to come.
numbers = [mine] if mine is not None else [number for some in files.values() for number, _ in some]
for number in numbers: print(number, answer, flush=True)
if mine is not None: os._exit(0)
`;

const places = new Map(sound.map((piece, at) => [piece, at]));

/** A file in parts, as the second verifier takes it. */
function partsOf(file: readonly string[]): string {
  const parts: (string | [number, number])[] = [];
  for (const piece of file) {
    const [at, last] = [places.get(piece), parts.at(-1)];
    if (at === undefined) parts.push(piece);
    else if (typeof last === 'object' && last[1] === at) last[1] += 1;
    else parts.push([at, at + 1]);
  }
  return JSON.stringify(parts);
}

/** Which of the files, as `partsOf` gives them, the second verifier finds nothing wrong with. */
function acceptedBySecond(files: readonly string[], keyFile = 'key.pem'): number[] {
  const args = ['-B', '-c', manyFiles, join(folder, keyFile), join(folder, 'sound')];
  const { stdout } = spawnSync(python as string, args, { input: files.join('\n'), encoding: 'utf8' });
  const answers = new Map(stdout.split('\n').map((line) => line.split(' ') as [string, string]));
  return files.flatMap((_, number) => {
    const answer = answers.get(String(number));
    if (answer === undefined) throw new Error('the second verifier gave no answer');
    return answer === '1' ? [number] : [];
  });
}

async function verdict(file: readonly string[], pem = key.pem): Promise<AuditReport> {
  async function* chunks() {
    for (let at = 0; at < file.length; at += 100) yield Buffer.from(file.slice(at, at + 100).join(''), 'latin1');
  }
  const basis = { keys: readTrustedKeys(pem), verify: verifySignature, witness: null };
  const report = await verifyBundle(chunks(), basis, new Map());
  if (report === null) throw new Error('not a bundle');
  return report;
}

/** Whether one of the faults names the tampering: a kind that fits it, at the place where it was. */
function isLocated(faults: readonly AuditFault[], { kinds, at }: Omit<Tampered, 'file'>): boolean {
  return faults.some(
    (fault) =>
      kinds.includes(fault.kind) && Object.entries(at).every(([name, value]) => fault[name as 'chain'] === value),
  );
}

describe('an evidence bundle that nobody touched', () => {
  it('passes, with all its records, chains and seals counted', async () => {
    const report = await verdict(sound);
    expect(report.faults).toEqual([]);
    expect(report.counts).toMatchObject({ seals: size.seals, chains: size.chains });
  });

  it.skipIf(python === undefined)('passes the second verifier (skipped without Python and its cryptography)', () => {
    expect(acceptedBySecond([partsOf(sound)])).toEqual([0]);
  });
});

/** How many files the second verifier is given at once. */
const together = 100;
const second = python === undefined ? ' (skipped for the second: no Python with its cryptography)' : '';

describe.each(Object.entries(tamperings))('%s', (name, tamper) => {
  it(`is found, named and located, and not reported as many faults; the second verifier finds it too${second}`, async () => {
    const most = /all it covers|a part/.test(name) ? size.chains + 3 : 4;
    const draw = numbers(name.length * 7919);
    const amiss: unknown[] = [];
    let files: string[] = [];
    for (let made = 1; made <= times; made += 1) {
      const { file, kinds, at } = tamper(sound, lines, draw);
      const { faults } = await verdict(file);
      if (!isLocated(faults, { kinds, at }) || faults.length > most) amiss.push({ faults, kinds, at });
      if (python === undefined || (files.push(partsOf(file)) < together && made < times)) continue;
      for (const number of acceptedBySecond(files)) amiss.push({ acceptedBySecond: files[number] });
      files = [];
    }
    expect(amiss).toEqual([]);
  });
});

describe('another key', () => {
  it('is no proof: the seals are of an unknown key', async () => {
    const { faults } = await verdict(sound, otherKey.pem);
    expect(faults).toMatchObject([{ kind: 'unknown-key', seal: 1 }]);
  });

  it.skipIf(python === undefined)('is none for the second verifier either', () => {
    expect(acceptedBySecond([partsOf(sound)], 'other.pem')).toEqual([]);
  });
});
