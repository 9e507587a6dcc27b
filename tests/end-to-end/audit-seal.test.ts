import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportAudit } from '../../bin/commands/audit-export.ts';
import { nodeVerify, privateKeys } from '../../bin/commands/audit-keys.ts';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import { functionEnvironment } from '../../bin/deployment.ts';
import { type Emulator, projectRoot, workFolder } from '../../bin/emulator/emulator.ts';
import { emulatorPython } from '../../bin/emulator/install.ts';
import { exportPorts } from '../../functions/adapters/compose.ts';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { readTrustedKeys, verifierKey } from '../../functions/domain/checkpoint.ts';
import { checkpointOf } from '../../functions/domain/seal.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, deployedAlone, onBus } from './deployed.ts';
import { loggedMetric } from './logged-metric.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-seal-'));
afterAll(() => rmSync(folder, { recursive: true }));

let stack: Deployed;
let sealing: Executions;
let ports: ReturnType<typeof exportPorts>;
let outputs: Record<string, string>;
// Alone: another suite's records from a moved clock would rightly be named by the verifier.
let emulator: Emulator;
beforeAll(async () => {
  const alone = await deployedAlone('audit-seal');
  emulator = alone.emulator;
  stack = deployed({ endpoint: emulator.endpoint, outputs: alone.outputs });
  outputs = Object.assign({}, ...Object.values(alone.outputs));
  sealing = executionsOf(stack.output('AuditSealArn'));
  ports = exportPorts(functionEnvironment({ stage: 'local', outputs }));
});
afterAll(() => emulator.stop());
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The patient's first so many events, committed. */
async function events(patient: string, count: number): Promise<string> {
  const id = await stack.pseudonyms.patient(patient);
  const { version } = await stack.patients.load(id);
  const made = Array.from({ length: count }, (_, number) =>
    onBus({
      id: `${patient}-${version + number}`,
      type: 'PatientActive',
      occurredAt: '2026-03-02T09:00:00Z',
      patient,
      data: { kind: 'log-in' },
    } as never),
  );
  await stack.bus.put(made);
  await until('the events', async () => (await stack.patients.load(id)).version === version + count);
  return id;
}

async function seal(): Promise<void> {
  const { status, error, cause } = await sealing.run();
  expect([status, error, cause]).toEqual(['SUCCEEDED', undefined, undefined]);
}

async function newestSeal() {
  const head = await ports.store.head();
  if (head === null) throw new Error('nothing is sealed');
  return checkpointOf(head);
}

async function exported(
  name: string,
  more: { patient?: string; from?: string; to?: string; decrypt?: string; hashesOnly?: true } = {},
) {
  const out = join(folder, `${name}.ndjson`);
  const options = { stage: 'local', clinic: 'clinic', out, reason: 'a test', ...more };
  await exportAudit(options, async () => ({ stage: 'local', outputs }));
  return out;
}

const keyLine = async () => verifierKey(stack.output('LogOrigin'), (await ports.signer()).key);

async function verified(file: string, keysFile?: string) {
  const basis = { keys: readTrustedKeys(await keyLine()), verify: nodeVerify(), witness: null };
  const keys = keysFile === undefined ? new Map() : await privateKeys(keysFile);
  const report = await verifyBundle(createReadStream(file), basis, keys);
  if (report === null) throw new Error('not a bundle');
  return report;
}

/** The second verifier, of another language. */
async function verifiedInPython(file: string) {
  const key = join(folder, 'key.pem');
  const der = Buffer.from((await ports.signer()).key.der, 'hex').toString('base64');
  writeFileSync(key, `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`);
  return spawnSync(emulatorPython, ['docs/verify.py', file, key], { cwd: projectRoot, encoding: 'utf8' });
}

/** Puts another record under one that stands, as an administrator could. */
async function tamper(chain: string, sequence: number, change: (hash: string) => string): Promise<() => Promise<void>> {
  const client = new DynamoDBClient({});
  const TableName = stack.output('AuditTable');
  const Key = { chain: { S: chain }, sequence: { N: String(sequence) } };
  const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
  const hash = change(Item?.['recordHash']?.S ?? '');
  await client.send(new PutItemCommand({ TableName, Item: { ...Item, recordHash: { S: hash } } }));
  return async () => void (await client.send(new PutItemCommand({ TableName, Item })));
}

describe('the sealed audit of the deployed stack', () => {
  it('is exported, and passes both verifiers, contents too', async () => {
    const id = await events('sealed-1', 5);
    await seal();
    expect(await newestSeal()).toMatchObject({ origin: 'tandem/000000000000/eu-north-1/local' });

    const keys = join(folder, 'whole.keys.json');
    const file = await exported('whole', { decrypt: keys });
    const report = await verified(file, keys);
    expect(report.faults).toEqual([]);
    expect(report.notChecked.join()).not.toContain('the content of');
    expect(readFileSync(file, 'utf8')).toContain(`"chain":"${id}","sequence":5`);
    expect(existsSync(`${file}.partial`)).toBe(false);
    expect(await verifiedInPython(file)).toMatchObject({ status: 0 });
  });

  it('says of itself that it was exported, by whom, what and why', async () => {
    await seal();
    const id = await stack.pseudonyms.patient('sealed-1');
    await exported('patient', { patient: 'sealed-1', hashesOnly: true });
    const records = (await Promise.all(systemChains.map((chain) => stack.audit.opened(chain)))).flat();
    const notes = records.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')));
    expect(notes).toContainEqual(
      expect.objectContaining({
        action: 'audit.export',
        reason: 'a test',
        source: 'command line',
        detail: expect.objectContaining({ chains: [id], accessKeyId: 'test', contents: false, keys: false }),
      }),
    );
  });

  it('holds one patient only where one is asked for, and still passes', async () => {
    const other = await events('sealed-2', 2);
    await seal();
    const file = await exported('one', { patient: 'sealed-1' });
    expect((await verified(file)).faults).toEqual([]);
    expect(readFileSync(file, 'utf8')).not.toContain(other);
    expect(await verifiedInPython(file)).toMatchObject({ status: 0 });
  });

  it('holds the seals of a time only where one is asked for, says so in its record, and still passes', async () => {
    const grown = await events('timed', 2);
    await seal();
    const { end: from } = (await newestSeal()).period;
    await events('timed', 1);
    const inside = await events('timed-inside', 1);
    await seal();
    const { end: to } = (await newestSeal()).period;
    await events('timed', 1);
    const late = await events('timed-late', 1);
    await seal();

    const file = await exported('timed', { from, to });
    expect((await verified(file)).faults).toEqual([]);
    expect(await verifiedInPython(file)).toMatchObject({ status: 0 });
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const sequences = (id: string) => lines.filter(({ chain }) => chain === id).map(({ sequence }) => sequence);
    const endsOf = (id: string) => lines.filter(({ chainEnd }) => chainEnd === id).map(({ sequence }) => sequence);
    expect([sequences(grown), endsOf(grown)]).toEqual([[3], [3]]);
    expect([sequences(inside), endsOf(inside)]).toEqual([[1], [1]]);
    expect([sequences(late), endsOf(late)]).toEqual([[], []]);
    // The seal of that time, and the newest, against which all is proved.
    expect(lines.filter((line) => 'seal' in line)).toHaveLength(2);
    expect(lines[0]).toMatchObject({ scope: { chains: 'all', from, to } });

    const records = (await Promise.all(systemChains.map((chain) => stack.audit.opened(chain)))).flat();
    const notes = records.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')));
    expect(notes).toContainEqual(expect.objectContaining({ detail: expect.objectContaining({ from, to }) }));
  });

  it('holds no record where nothing was sealed in the time that was asked for, and still passes', async () => {
    const file = await exported('no-time', { from: '2100-01-01T00:00:00Z' });
    expect((await verified(file)).faults).toEqual([]);
    expect(readFileSync(file, 'utf8')).not.toContain('"recordHash"');
  });

  it('shows a stored record that was changed, by its chain and number, in both verifiers', async () => {
    const id = await events('tampered', 3);
    await seal();
    const restore = await tamper(id, 2, (hash) => hash.replace(/^./, (first) => (first === '0' ? '1' : '0')));
    try {
      const file = await exported('tampered');
      const { faults } = await verified(file);
      expect(faults).toEqual([expect.objectContaining({ kind: 'altered', chain: id, sequence: 2 })]);
      const second = await verifiedInPython(file);
      expect(second.status).toBe(1);
      expect(second.stdout + second.stderr).toContain(id);
    } finally {
      await restore();
    }
  });

  it('is one log where two sealers run at once', async () => {
    await events('at-once', 2);
    const before = await newestSeal();
    const ended = await Promise.all([sealing.run(), sealing.run(), sealing.run()]);
    expect(ended.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect((await newestSeal()).seal).toBe(before.seal + 3);
    expect((await verified(await exported('at-once'))).faults).toEqual([]);
  });

  it('measures how old each seal was when the next took its place, which says nothing of the first', async () => {
    const ages = await loggedMetric('SealAge');
    expect(ages.length).toBeGreaterThan(0);
    expect(ages.length).toBeLessThan((await newestSeal()).seal);
    expect(Math.max(...ages)).toBeLessThan(3600);
  });

  it('refuses to write over a file', async () => {
    await expect(exported('whole')).rejects.toThrow('is there already');
  });
});

describe('a JOSE library of another language', () => {
  const python = join(workFolder, 'jose', 'bin', 'python');
  const isInstalled = (): boolean => {
    if (existsSync(python) && spawnSync(python, ['-c', 'import jwcrypto']).status === 0) return true;
    const made = spawnSync(emulatorPython, ['-m', 'venv', join(workFolder, 'jose')]);
    const pip = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-input',
      '--retries',
      '0',
      '--timeout',
      '10',
      'jwcrypto==1.5.6',
    ];
    return made.status === 0 && spawnSync(python, pip, { timeout: 90_000 }).status === 0;
  };
  const script = `
import json, sys
from jwcrypto import jwe, jwk
keys = json.load(open(sys.argv[2]))
for line in open(sys.argv[1]):
    record = json.loads(line)
    if "content" in record and record["chain"] == sys.argv[3]:
        opened = jwe.JWE(algs=["ECDH-ES", "A256GCM"])
        opened.deserialize(record["content"], key=jwk.JWK(**keys[record["chain"]]))
        print(opened.payload[16:].decode())
`;

  it('opens the records that a function wrote', async ({ skip }) => {
    skip(!isInstalled(), 'jwcrypto cannot be installed: there is no network');
    const id = await events('opened', 2);
    await seal();
    const keys = join(folder, 'opened.keys.json');
    const file = await exported('opened', { patient: 'opened', decrypt: keys });
    const { status, stdout, stderr } = spawnSync(python, ['-c', script, file, keys, id], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toMatchObject([
      { chain: id, sequence: 1, action: 'event.record' },
      { chain: id, sequence: 2, action: 'event.record' },
    ]);
  });
});
