import { beforeAll, describe, expect, inject, it } from 'vitest';
import { nodeVerify } from '../../bin/commands/audit-keys.ts';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import { functionEnvironment } from '../../bin/deployment.ts';
import { exportPorts } from '../../functions/adapters/compose.ts';
import { readTrustedKeys, verifierKey } from '../../functions/domain/checkpoint.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import { checkpointOf } from '../../functions/domain/seal.ts';
import { exportEvidence } from '../../functions/export-evidence.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { withSettings } from '../emulator/function-settings.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed } from '../end-to-end/deployed.ts';
import { exampleClinic } from '../example-clinic.ts';

let stack: Deployed;
let sealing: Executions;
let ports: ReturnType<typeof exportPorts>;
beforeAll(() => {
  stack = deployed();
  sealing = executionsOf(stack.output('AuditSealArn'));
  const outputs: Record<string, string> = Object.assign({}, ...Object.values(inject('emulator').outputs));
  ports = exportPorts(functionEnvironment({ stage: 'local', outputs }));
});

/** One more record in the patient's chain. */
async function grow(patient: PatientId): Promise<void> {
  const now = new Date().toISOString();
  const loaded = await stack.patients.load(patient);
  const event: ClinicalEvent = {
    id: `${patient}-${loaded.version}`,
    patient,
    type: 'PatientActive',
    occurredAt: now,
    data: { kind: 'log-in' },
  };
  await stack.patients.commit(loaded, decideEvent(loaded, event, null, exampleClinic, now));
}

/** The number of the newest seal; 0 before the first. */
async function newest(): Promise<number> {
  const head = await ports.store.head();
  return head === null ? 0 : checkpointOf(head).seal;
}

async function failedTries(executionArn: string): Promise<number> {
  return (await sealing.history(executionArn)).filter(({ type }) => type === 'TaskFailed').length;
}

/** Everything that is sealed, as a verifier sees it. */
async function verified() {
  const { key } = await ports.signer();
  const keys = readTrustedKeys(verifierKey(stack.output('LogOrigin'), key));
  const scope = { chains: 'all', from: null, to: null } as const;
  const exportedAt = new Date().toISOString();
  const lines: Buffer[] = [];
  for await (const line of exportEvidence({ ...ports, records: ports.records(false) }, { scope, exportedAt, keys: [] }))
    lines.push(Buffer.from(line));
  const report = await verifyBundle(
    (async function* () {
      yield* lines;
    })(),
    { keys, verify: nodeVerify(), witness: null },
    new Map(),
  );
  return { text: Buffer.concat(lines).toString(), faults: report?.faults };
}

const state = 'Seal what has grown';
const nowhere = 'no-such-bucket';

describe('the workflow that seals the audit', () => {
  // First in this file: only the very first seal reads nothing of the log before it is signed.
  it('publishes with the next run what one has signed and could not publish at any try', async () => {
    expect(await newest()).toBe(0);
    await grow('p-unpublished');
    const { status, executionArn = '' } = await withSettings(
      stack.output('AuditSealFunction'),
      { variables: { LOG_BUCKET: nowhere } },
      () => sealing.run(),
    );
    expect([status, await failedTries(executionArn)]).toEqual(['FAILED', 5]);
    expect(await newest()).toBe(1);
    await expect(verified()).rejects.toThrow('is not published');
    expect(await sealing.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await newest()).toBe(2);
    expect(await verified()).toMatchObject({ text: expect.stringContaining('"chain":"p-unpublished"'), faults: [] });
  }, 240_000);

  it('seals what has grown, and leaves in its history counts only', async () => {
    await grow('p-sealed');
    const before = await newest();
    const { status, output, executionArn = '' } = await sealing.run();
    expect(status).toBe('SUCCEEDED');
    expect(await sealing.states(executionArn)).toEqual([state]);
    const counts: Record<string, unknown> = JSON.parse(output ?? '');
    expect(counts).toMatchObject({ seal: before + 1, chains: expect.any(Number), records: expect.any(Number) });
    expect(Object.values(counts).every((value) => typeof value === 'number')).toBe(true);
    expect(JSON.stringify(await sealing.history(executionArn))).not.toContain('p-sealed');
    expect(await verified()).toMatchObject({ text: expect.stringContaining('"chain":"p-sealed"'), faults: [] });
  });

  it('tries again where the sealer fails, and seals as soon as it can', async () => {
    await grow('p-again');
    const before = await newest();
    const executionArn = await withSettings(
      stack.output('AuditSealFunction'),
      { variables: { STAGING_BUCKET: nowhere } },
      async (restore) => {
        const started = await sealing.start();
        await until('a try to fail', async () => (await failedTries(started)) >= 1);
        await restore();
        return started;
      },
    );
    expect(await sealing.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await sealing.states(executionArn)).toEqual([state]);
    expect(await newest()).toBe(before + 1);
    expect(await verified()).toMatchObject({ text: expect.stringContaining('"chain":"p-again"'), faults: [] });
  });

  it('fails after five tries, and the next run seals what this one could not', async () => {
    await grow('p-failed');
    const before = await newest();
    await withSettings(stack.output('AuditSealFunction'), { variables: { STAGING_BUCKET: nowhere } }, async () => {
      const { status, executionArn = '' } = await sealing.run();
      expect(status).toBe('FAILED');
      expect(await sealing.states(executionArn)).toEqual([state]);
      expect(await failedTries(executionArn)).toBe(5);
    });
    expect(await newest()).toBe(before);
    expect(await sealing.run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await newest()).toBe(before + 1);
    expect(await verified()).toMatchObject({ text: expect.stringContaining('"chain":"p-failed"'), faults: [] });
  }, 240_000);
});
