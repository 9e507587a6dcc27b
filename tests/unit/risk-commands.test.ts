import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { assessCommand } from '../../bin/commands/assess.ts';
import { explainCommand } from '../../bin/commands/explain.ts';
import { simulateCommand } from '../../bin/commands/simulate.ts';
import { clinicFolder } from '../example-clinic.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

interface Ran {
  readonly out: string;
  readonly errors: string;
  readonly exitCode: unknown;
}

async function run(command: Command, ...options: string[]): Promise<Ran> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const errors = vi.spyOn(console, 'error').mockReturnValue(undefined);
  process.exitCode = 0;
  await command.parseAsync(['--clinic', clinicFolder, ...options], { from: 'user' });
  const ran = { out: text(out.mock.calls), errors: text(errors.mock.calls), exitCode: process.exitCode };
  out.mockRestore();
  errors.mockRestore();
  return ran;
}

/** A file of events: each a JSON value, or a text as it stands. */
function fileOf(...lines: unknown[]): string {
  const file = join(folder, 'events.ndjson');
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

const event = (id: string, type: string, occurredAt: string, data: unknown, patient = 'vendor-1') => ({
  id,
  type,
  occurredAt,
  patient,
  data,
});
const enrolment = event('ev-1', 'PatientEnrolled', '2026-03-02T09:00:00Z', {
  programme: 'depression',
  track: 'therapist-supported',
});
const consent = event('ev-2', 'ConsentGiven', '2026-03-02T09:00:00Z', { scopes: ['scoring'] });
const at = '2026-03-20T09:00:00Z';
const parsed = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const text = (calls: unknown[][]) => calls.map(([line]) => String(line)).join('');

describe('tandem assess', () => {
  it('prints two assessments a patient with the fields of the contract', async () => {
    const { out, errors, exitCode } = await run(assessCommand(), fileOf(consent, enrolment), '--at', at);
    expect([errors, exitCode]).toEqual(['', 0]);
    expect(parsed(out).map(({ kind }) => kind)).toEqual(['dropout', 'deterioration']);
    for (const line of parsed(out)) {
      expect(Object.keys(line)).toEqual(['patient', 'at', 'kind', 'score', 'level', 'factors', 'reviewAt', 'rules']);
      expect(line).toMatchObject({ patient: 'vendor-1', at: '2026-03-20T09:00:00.000Z' });
    }
  });

  it('--fhir prints RiskAssessment resources without the id of the file and without a probability', async () => {
    const { out, exitCode } = await run(assessCommand(), fileOf(consent, enrolment), '--at', at, '--fhir');
    expect(exitCode).toBe(0);
    expect(parsed(out)).toMatchObject([
      {
        resourceType: 'RiskAssessment',
        status: 'final',
        subject: { reference: expect.stringMatching(/^Patient\/file-/) },
      },
      { resourceType: 'RiskAssessment', code: { text: 'deterioration risk' } },
    ]);
    expect(out).not.toMatch(/vendor-1|probabilityDecimal/);
  });

  it('takes events after the moment for not yet happened', async () => {
    const ended = event('ev-3', 'EnrolmentEnded', '2026-03-20T09:00:01Z', { reason: 'moved' });
    expect(parsed((await run(assessCommand(), fileOf(enrolment, consent, ended), '--at', at)).out)).toHaveLength(2);
    const { out, errors } = await run(
      assessCommand(),
      fileOf(enrolment, consent, ended),
      '--at',
      '2026-03-21T00:00:00Z',
    );
    expect([out, errors]).toEqual(['', 'not scored, ended: 1 of 1']);
  });

  it('says which lines have faults and goes on with the others: exit code 1', async () => {
    const reused = event('ev-2', 'ConsentGiven', '2026-03-02T10:00:00Z', { scopes: ['scoring'] });
    const secret = event('ev-9', 'BarrierReported', '2026-03-03T09:00:00Z', { barrier: 'my secret' });
    const file = fileOf(enrolment, consent, consent, reused, '{', secret);
    const { out, errors, exitCode } = await run(assessCommand(), file, '--at', at);
    expect(parsed(out)).toHaveLength(2);
    expect(exitCode).toBe(1);
    for (const fault of ['line 4: id: ', 'line 5: is not JSON', 'line 6: data.barrier: '])
      expect(errors).toContain(fault);
    expect(errors).not.toContain('secret');
  });

  it.each([
    ['no such file', [join(folder, 'none.ndjson'), '--at', at], 'cannot be read (ENOENT)'],
    [
      'a local time',
      [join(folder, 'none.ndjson'), '--at', '2026-03-20T09:00'],
      '--at: write a date-time with its offset',
    ],
    ['no such clinic', [join(folder, 'none.ndjson'), '--at', at, '--clinic', folder], 'has faults'],
  ])('with %s is not possible: exit code 2', async (_, options, line) => {
    const { errors, exitCode } = await run(assessCommand(), ...options);
    expect(exitCode).toBe(2);
    expect(errors).toContain(line);
  });
});

describe('tandem explain', () => {
  it('says the same in words, for the one or the other', async () => {
    const file = fileOf(enrolment, consent);
    const therapist = await run(explainCommand(), file, '--at', at, '--for', 'therapist');
    expect(therapist.out).toContain('- No activity for 14 to 20 days (5 points)');
    const patient = await run(explainCommand(), file, '--at', at, '--for', 'patient');
    expect(patient.out).toContain('- You have not used the program for some days.');
  });

  it('says why somebody is not scored; --json gives a line each', async () => {
    const { out } = await run(explainCommand(), fileOf(enrolment), '--at', at, '--for', 'therapist', '--json');
    expect(parsed(out)).toMatchObject([{ patient: 'vendor-1', kind: null }]);
  });
});

describe('tandem simulate', () => {
  it('gives events that assess takes', async () => {
    const { out } = await run(simulateCommand(), '--patients', '20', '--weeks', '8', '--seed', '3');
    const { exitCode, out: assessments } = await run(assessCommand(), fileOf(out), '--at', '2026-02-20T07:00:00Z');
    expect(exitCode).toBe(0);
    expect(parsed(assessments).length).toBeGreaterThan(20);
  });

  it.each([
    ['--patients', '0'],
    ['--weeks', '1.5'],
    ['--seed', '-1'],
  ])('refuses %s %s: exit code 2', async (option, value) => {
    const options = { '--patients': '1', '--weeks': '1', '--seed': '1', [option]: value };
    const { errors, exitCode } = await run(simulateCommand(), ...Object.entries(options).map((pair) => pair.join('=')));
    expect(exitCode).toBe(2);
    expect(errors).toContain(`${option}: write a whole number`);
  });
});
