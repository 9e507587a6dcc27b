import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditCommand } from '../../bin/commands/audit.ts';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import { sealAudit } from '../../functions/adapters/kms/envelope.ts';
import { type BundleLine, longestLine } from '../../functions/domain/audit-bundle.ts';
import { type AuditEntry, genesis, sealRecord } from '../../functions/domain/audit-chain.ts';
import { readTrustedKeys, verifierKey } from '../../functions/domain/checkpoint.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { origin, SealedHistory, start, testKey, verifySignature } from '../sealed-history.ts';
import { bytesOf, rewritten, valuesOf } from '../tampering.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const key = testKey();
const owner = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
const entry: AuditEntry = {
  action: 'event.record',
  agent: { who: 'event-intake', role: 'system' },
  source: 'bus',
  part: null,
  outcome: 'success',
  reason: 'received',
  changed: true,
  rules: 'sha256:00',
  detail: {},
};

/** Two chains with real contents, encrypted to the same person's key. */
async function history(): Promise<SealedHistory> {
  const contents = new Map<string, string>();
  const made = new SealedHistory(key.signer, (chain, sequence) => contents.get(`${chain} ${sequence}`) ?? null);
  for (const id of ['p-a', 'p-b'])
    for (let version = 0; version < 2; version += 1) {
      const head = made.records.get(id)?.at(-1)?.head ?? genesis(id);
      const record = sealRecord({ id, version, head }, entry, instantAt(start), Buffer.alloc(16, version));
      const jwe = await sealAudit(owner.publicKey, record, record.salt, record.bytes);
      contents.set(`${id} ${record.sequence}`, jwe);
      made.append(id, start, record.recordHash);
    }
  await made.seal();
  return made;
}

const made = await history();
const texts = await made.lines();
const bundle = file('evidence.ndjson', bytesOf(texts));
const pem = file('key.pem', key.pem);
const privateKeys = file('private.json', JSON.stringify({ 'p-a': await exportJWK(owner.privateKey) }));

let out: string[] = [];
let errors: string[] = [];
beforeEach(() => {
  out = [];
  errors = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void errors.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

async function audit(...args: readonly string[]): Promise<number> {
  await auditCommand().parseAsync(['verify', ...args], { from: 'user' });
  return Number(process.exitCode);
}

describe('tandem audit verify', () => {
  it('exits 0 on a sound bundle, and says what it did not check', async () => {
    expect(await audit(bundle, '--key', pem)).toBe(0);
    expect(out.join('\n')).toContain('No fault found.');
    expect(out.join('\n')).toContain('NOT checked: the content of 4 records');
    expect(out.join('\n')).toContain('append-only NOT checked');
  });

  it('exits 1 on a fault and names kind, chain, number and line', async () => {
    const lines = valuesOf(texts);
    const at = lines.findIndex((line) => line.kind === 'record' && line.chain === 'p-a' && line.sequence === 1);
    const cut = file('cut.ndjson', rewritten(lines.toSpliced(at, 1)));
    expect(await audit(cut, '--key', pem)).toBe(1);
    expect(out[0]).toMatch(/^missing +chain p-a, record 1, seal 1, line 3: /);
    expect(out.join('\n')).toContain('1 fault found.');
  });

  it('writes a line of JSON for each fault and one for the summary', async () => {
    const appended = file('appended.ndjson', Buffer.concat([bytesOf(texts), Buffer.from('x')]));
    expect(await audit(appended, '--key', pem, '--json')).toBe(1);
    const [fault, summary] = out.map((line) => JSON.parse(line));
    expect(fault).toMatchObject({
      kind: 'extra-bytes',
      chain: null,
      sequence: null,
      seal: null,
      line: texts.length + 1,
    });
    expect(summary).toMatchObject({
      faults: 1,
      counts: { records: 4 },
      newest: { seal: 1 },
      notChecked: expect.any(Array),
    });
  });

  it('compares with a checkpoint kept outside', async () => {
    const kept = file('kept', (await made.store.head())?.note ?? '');
    expect(await audit(bundle, '--key', pem, '--checkpoint', kept)).toBe(0);
    expect(out.join('\n')).toContain('append-only: the checkpoint kept outside is one of these seals');
  });

  it('opens and checks the contents of the chains whose private key it is given', async () => {
    expect(await audit(bundle, '--key', pem, '--private-keys', privateKeys)).toBe(0);
    expect(out.join('\n')).toContain('Checked: the content of 2 records');
    expect(out.join('\n')).toContain('NOT checked: the content of 2 records');
    const all = file(
      'all.json',
      JSON.stringify({ 'p-a': await exportJWK(owner.privateKey), 'p-b': await exportJWK(owner.privateKey) }),
    );
    out = [];
    expect(await audit(bundle, '--key', pem, '--private-keys', all)).toBe(0);
    expect(out.join('\n')).not.toContain('NOT checked: the content');
  });

  it('says of how many records the content was erased, and that they stand in their places all the same', async () => {
    const erased = file('erased.json', JSON.stringify({ 'p-a': await exportJWK(owner.privateKey), 'p-b': 'erased' }));
    expect(await audit(bundle, '--key', pem, '--private-keys', erased)).toBe(0);
    expect(out.join('\n')).toContain('Checked: the content of 2 records');
    expect(out.join('\n')).toMatch(/NOT checked: the content of 2 records: erased, as the file of private keys says/);
    expect(out.join('\n')).not.toContain('not decrypted');
    out = [];
    expect(await audit(bundle, '--key', pem, '--private-keys', file('one.json', '{"p-b":"erased"}'))).toBe(0);
    expect(out.join('\n')).toContain('the content of 2 records: erased');
    expect(out.join('\n')).toContain('the content of 2 records: not decrypted');
  });

  it('finds a content that was moved here from another place, though its line is in order', async () => {
    const lines = valuesOf(texts);
    const [first, second] = lines.flatMap((line) => (line.kind === 'record' ? [line] : []));
    const moved = lines.map((line) => (line === first ? { ...line, quoted: second?.quoted ?? null } : line));
    const changed = file('moved.ndjson', rewritten(moved));
    expect(await audit(changed, '--key', pem)).toBe(0);
    expect(await audit(changed, '--key', pem, '--private-keys', privateKeys)).toBe(1);
    expect(out.join('\n')).toMatch(/altered +chain p-a, record 1, seal 1, line 3: the content does not open/);
  });

  it('names the record of which any one stored byte was changed, with all hashes left as they are (A07)', async () => {
    const lines = valuesOf(texts);
    const at = lines.findIndex((line) => line.kind === 'record' && line.chain === 'p-a' && line.sequence === 2);
    const record = lines[at] as BundleLine & { kind: 'record' };
    const stored: string = JSON.parse(record.quoted ?? '');
    const basis = { keys: readTrustedKeys(key.pem), verify: verifySignature, witness: null };
    const keys = new Map([['p-a', owner.privateKey]]);
    const unnamed: number[] = [];
    for (let place = 0; place < stored.length; place += 1) {
      const changed = String.fromCharCode(stored.charCodeAt(place) ^ 1);
      const content = `${stored.slice(0, place)}${changed}${stored.slice(place + 1)}`;
      const bytes = rewritten(lines.with(at, { ...record, quoted: JSON.stringify(content) }));
      const report = await verifyBundle(pieces(bytes, bytes.length), basis, keys);
      const [fault] = report?.faults ?? [];
      if (fault?.kind !== 'altered' || fault.chain !== 'p-a' || fault.sequence !== 2) unnamed.push(place);
    }
    expect(unnamed).toEqual([]);
  });

  it('takes a verifier-key line, and several keys', async () => {
    const line = file('key.txt', `${verifierKey(origin, key.signer.key)}\n`);
    expect(await audit(bundle, '--key', file('other.pem', testKey('ecdsa-p256').pem), line)).toBe(0);
    expect(await audit(bundle, '--key', file('only.pem', testKey().pem))).toBe(1);
  });

  it.each([
    ['an export that is not there', [join(folder, 'nothing'), '--key', pem], 'The export is not a file'],
    [
      'an export that is something else',
      [file('text', 'hello\nworld\n'), '--key', pem],
      'no line of an evidence bundle',
    ],
    ['a key that is not there', [bundle, '--key', join(folder, 'nothing')], 'The file after --key cannot be read'],
    ['a key that is something else', [bundle, '--key', bundle], 'The file after --key holds no public key'],
    [
      'a checkpoint that is something else',
      [bundle, '--key', pem, '--checkpoint', pem],
      'the checkpoint to compare with',
    ],
    [
      'private keys that are none',
      [bundle, '--key', pem, '--private-keys', pem],
      'The file after --private-keys must be',
    ],
  ])('exits 2 on %s', async (_, args, message) => {
    expect(await audit(...args)).toBe(2);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });

  it('exits 2 on a public key where a private one is needed, and never repeats a file', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const wrong = file('public.json', JSON.stringify({ 'p-a': publicKey.export({ format: 'jwk' }) }));
    expect(await audit(bundle, '--key', pem, '--private-keys', wrong)).toBe(2);
    expect(errors.join()).not.toContain('p-a');
  });

  it('reads standard input', () => {
    const program =
      "import { auditCommand } from './bin/commands/audit.ts'; await auditCommand().parseAsync(process.argv.slice(1), { from: 'user' });";
    const args = ['--input-type=module', '-e', program, '--', 'verify', '-', '--key', pem];
    const run = spawnSync(process.execPath, args, { input: bytesOf(texts), encoding: 'utf8' });
    expect(run.stdout).toContain('No fault found.');
    expect(run.status).toBe(0);
  });
});

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('reading a bundle', () => {
  const basis = { keys: readTrustedKeys(key.pem), verify: verifySignature, witness: null };

  it('finds the same whatever the pieces are in which the bytes come', async () => {
    let watched = 0;
    for (const size of [1, 7, 1000, 10 ** 6]) {
      const report = await verifyBundle(pieces(bytesOf(texts), size), basis, new Map(), (read) => (watched = read));
      expect(report?.faults).toEqual([]);
    }
    expect(watched).toBe(bytesOf(texts).length);
  });

  it('holds no more than the longest line, and goes on behind one that is longer', async () => {
    for (const size of [10_000, 10 ** 7]) {
      const long = Buffer.concat([Buffer.alloc(longestLine + 1, 'x'), Buffer.from('\n'), bytesOf(texts)]);
      const report = await verifyBundle(pieces(long, size), basis, new Map());
      expect(report?.counts.lines).toBe(texts.length + 1);
      expect(report?.faults[0]).toMatchObject({ kind: 'altered', line: 1 });
    }
    const endless = await verifyBundle(
      pieces(Buffer.concat([bytesOf(texts), Buffer.alloc(2 * longestLine, 'x')]), 10_000),
      basis,
      new Map(),
    );
    expect(endless?.faults).toMatchObject([{ kind: 'extra-bytes' }]);
  });
});
