import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditCommand } from '../../bin/commands/audit.ts';
import { unreadableText } from '../../bin/opened-records.ts';
import { sealAudit } from '../../functions/adapters/kms/envelope.ts';
import { type AuditRecord, genesis, sealRecord } from '../../functions/domain/audit-chain.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { auditRecord, referral } from '../audit-records.ts';
import { balpFaults } from '../balp-profiles.ts';
import { faultsOf } from '../fhir-definitions.ts';
import { SealedHistory, start, testKey } from '../sealed-history.ts';
import { bytesOf } from '../tampering.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-questions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const owner = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
const jwk = await exportJWK(owner.privateKey);

/** The records as sealed contents of a bundle; content null stays out. */
async function bundleOf(name: string, records: readonly (AuditRecord & { damaged?: true })[]): Promise<string> {
  const contents = new Map<string, string>();
  const history = new SealedHistory(
    testKey().signer,
    (chain, sequence) => contents.get(`${chain} ${sequence}`) ?? null,
  );
  for (const { version: _version, chain, sequence: _sequence, recordedAt: _at, damaged, ...entry } of records) {
    const known = history.records.get(chain) ?? [];
    const place = { id: chain, version: known.length, head: known.at(-1)?.head ?? genesis(chain) };
    const record = sealRecord(place, entry, instantAt(start), Buffer.alloc(16, known.length));
    const bytes = damaged === true ? Buffer.from('{}') : record.bytes;
    contents.set(`${chain} ${record.sequence}`, await sealAudit(owner.publicKey, record, record.salt, bytes));
    history.append(chain, start, record.recordHash);
  }
  await history.seal();
  return file(`${name}.ndjson`, bytesOf(await history.lines()));
}

const records = [
  auditRecord({ action: 'event.record', agent: { who: 'programme', role: 'vendor' }, part: 'PatientEnrolled' }),
  auditRecord(),
  referral,
  auditRecord({
    chain: 'system-3',
    action: 'audit.export',
    agent: { who: 'it', role: 'clinic' },
    reason: 'yearly review',
    detail: { chains: 'all', keys: true },
  }),
];
const bundle = await bundleOf('bundle', records);
const two = await bundleOf('two', [...records, auditRecord({ chain: 'p-b' })]);
const damaged = await bundleOf('damaged', [auditRecord(), { ...auditRecord(), damaged: true }, referral]);
const keys = file('keys.json', JSON.stringify({ 'p-a': jwk, 'p-b': jwk, 'system-3': jwk }));
const someKeys = file('some-keys.json', JSON.stringify({ 'p-a': jwk }));

let out: string;
let errors: string;
beforeEach(() => {
  // An accounting goes back six years from today.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-04-01T12:00:00Z') });
  out = '';
  errors = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  process.exitCode = 0;
});

async function audit(...args: readonly string[]): Promise<number> {
  await auditCommand().parseAsync([...args], { from: 'user' });
  return Number(process.exitCode ?? 0);
}
const lines = () =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('tandem audit disclosures, on an export', () => {
  it('prints date, recipient, what and purpose of each disclosure, and nothing else', async () => {
    expect(await audit('disclosures', '--export', bundle, '--private-keys', keys)).toBe(0);
    expect(out.split('\n').filter((line) => line.includes('Mar 2, 2026'))).toEqual([
      expect.stringMatching(/^ {2}Mar 2, 2026 +County Crisis Team, 1 Main St +the last answers +a welfare check$/),
    ]);
    expect(out).not.toContain('t-7');
    expect(errors).toBe('');
  });

  it('prints each as a line of JSON', async () => {
    await audit('disclosures', '--export', bundle, '--private-keys', keys, '--json');
    expect(lines()).toMatchObject([
      { recipient: 'County Crisis Team, 1 Main St', purpose: 'a welfare check', by: 't-7' },
    ]);
  });

  it('says "None." where there is none in the span, and that six years are the most', async () => {
    await audit('disclosures', '--export', bundle, '--private-keys', keys, '--from', '2001-01-01T00:00:00Z');
    expect(out).toContain('An accounting goes back 6 years at most.');
    out = '';
    await audit('disclosures', '--export', bundle, '--private-keys', keys, '--from', '2026-03-03T00:00:00Z');
    expect(out).toContain('None.');
  });

  it('counts and names what cannot be read, goes on with the rest, and exits 1', async () => {
    expect(await audit('disclosures', '--export', damaged, '--private-keys', keys)).toBe(1);
    expect(out).toContain('County Crisis Team');
    expect(errors).toBe('1 record could not be read: p-a, record 2 (the content is not what its hash commits to)\n');
  });

  it('says of a patient who was erased that nothing can be read, and that this is why', async () => {
    const gone = file('gone.json', JSON.stringify({ 'p-a': 'erased', 'system-3': jwk }));
    expect(await audit('disclosures', '--export', bundle, '--private-keys', gone)).toBe(1);
    expect(out).toContain('None.');
    expect(errors).toContain('3 records could not be read');
    expect(errors).not.toMatch(/\((?!its content was erased)/);
  });

  it.each([
    ['neither patient nor export', [], 'give either --patient or --export'],
    ['both', ['--patient', 'x', '--export', bundle], 'give either --patient or --export'],
    ['keys for a deployment', ['--patient', 'x', '--private-keys', keys], 'go with --export'],
    ['an export without keys', ['--export', bundle], 'give --private-keys'],
    ['several patients', ['--export', two, '--private-keys', keys], 'name one with --chain, such as p-a, p-b'],
    ['a chain that is not there', ['--export', bundle, '--private-keys', keys, '--chain', 'p-x'], '--chain'],
    ['no bundle', ['--export', keys, '--private-keys', keys], 'no line of an evidence bundle'],
    ['no file', ['--export', join(folder, 'nothing'), '--private-keys', keys], 'the export cannot be read'],
    ['no moment', ['--export', bundle, '--private-keys', keys, '--from', 'monday'], 'write --from as a moment'],
  ])('refuses %s', async (_, args, message) => {
    await expect(audit('disclosures', ...args)).rejects.toThrow(message);
    expect(out).toBe('');
  });

  it('takes the patient whom --chain names', async () => {
    await audit('disclosures', '--export', two, '--private-keys', keys, '--chain', 'p-b');
    expect(out).toContain('None.');
  });
});

describe('tandem audit record-disclosure', () => {
  const args = (change: Record<string, string>) =>
    Object.entries({
      patient: 'x',
      recipient: 'A',
      what: 'B',
      purpose: 'C',
      at: '2026-03-02T15:00:00Z',
      ...change,
    }).flatMap(([name, value]) => [`--${name}`, value]);

  it.each([
    [{ purpose: 'treatment' }, '--purpose: treatment, payment and operations need no accounting'],
    [{ recipient: 'the patient' }, '--recipient: what the patient received needs no accounting'],
    [{ at: 'today' }, '--at: '],
    [{ at: '9999-01-01T00:00:00Z' }, '--at: write when it was made, not when it will be'],
  ])('refuses %o, before anything is asked of a deployment', async (change, message) => {
    await expect(audit('record-disclosure', ...args(change))).rejects.toThrow(message);
  });
});

describe('tandem audit who-saw, on an export', () => {
  it('names who did what to the patient, and who took a copy that can be read', async () => {
    expect(await audit('who-saw', '--export', bundle, '--private-keys', keys)).toBe(0);
    expect(out).toContain('t-7 (therapist)');
    expect(out).toContain('  Looked at an alert about you.');
    expect(out).toContain('it (clinic staff)\n  Took a copy of the log about you.');
    expect(out).toContain('  Your program told us what you did in it: once, on Mar 2, 2026.');
  });

  it('prints the same as JSON, and says what could not be read', async () => {
    expect(await audit('who-saw', '--export', bundle, '--private-keys', someKeys, '--json')).toBe(1);
    expect(lines()).toMatchObject([{ people: [{ who: 't-7', role: 'therapist' }] }]);
    expect(errors).toContain('system-3, record 1 (there is no key for it)');
  });
});

describe('tandem audit fhir', () => {
  it('writes valid AuditEvents of every record, one a line, and of the disclosure', async () => {
    expect(await audit('fhir', bundle, '--private-keys', keys)).toBe(0);
    const events = lines();
    expect(events.map(({ id }) => id)).toEqual(['p-a-1', 'p-a-2', 'p-a-3', 'p-a-3-disclosure', 'system-3-1']);
    for (const event of events) expect([...faultsOf(event), ...balpFaults(event)]).toEqual([]);
    expect(events[0]?.['source']).toMatchObject({ observer: { identifier: { value: 'clinic.example/tandem/audit' } } });
  });

  it('writes Provenances of the changes', async () => {
    expect(await audit('fhir', bundle, '--private-keys', keys, '--type', 'Provenance')).toBe(0);
    expect(lines().map(({ id, resourceType }) => [id, resourceType])).toEqual([['p-a-3', 'Provenance']]);
  });

  it('A15: counts a record that cannot be written, goes on with the rest, and exits 1', async () => {
    expect(await audit('fhir', damaged, '--private-keys', keys)).toBe(1);
    expect(lines().map(({ id }) => id)).toEqual(['p-a-1', 'p-a-3', 'p-a-3-disclosure']);
    expect(errors).toContain('1 record could not be read: p-a, record 2');
  });

  it.each([
    ['neither', [], 'give either an export or --patient'],
    ['both', [bundle, '--patient', 'x'], 'give either an export or --patient'],
    ['no keys', [bundle], 'give --private-keys'],
    ['no reason', ['--patient', 'x'], 'write a --reason'],
    ['another type', [bundle, '--private-keys', keys, '--type', 'Patient'], '--type: write AuditEvent or Provenance'],
  ])('refuses %s', async (_, args, message) => {
    await expect(audit('fhir', ...args)).rejects.toThrow(message);
  });
});

describe('tandem audit review', () => {
  it('refuses a period that is none, and a chart over a file', async () => {
    await expect(audit('review', '--from', '9998-01-01T00:00:00Z')).rejects.toThrow('--from: write a moment before');
    await expect(audit('review', '--from', '2026-01-01T00:00:00Z', '--svg', keys)).rejects.toThrow('is there already');
  });
});

describe('what could not be read', () => {
  it('is counted whole and named in part', () => {
    const many = Array.from({ length: 12 }, (_, sequence) => ({ chain: 'p-a', sequence, record: null, why: 'why' }));
    expect(unreadableText(many)).toMatch(
      /^12 records could not be read: p-a, record 0 \(why\), .*record 9 \(why\), …\n$/,
    );
  });
});
