import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { planCommand } from '../../bin/commands/plan.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { clinicFolder } from '../example-clinic.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

const text = (calls: unknown[][]) => calls.map(([line]) => String(line)).join('');

async function run(...options: string[]): Promise<{ out: string; errors: string; exitCode: unknown }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const errors = vi.spyOn(console, 'error').mockReturnValue(undefined);
  process.exitCode = 0;
  await planCommand().parseAsync(['--clinic', clinicFolder, ...options], { from: 'user' });
  const ran = { out: text(out.mock.calls), errors: text(errors.mock.calls), exitCode: process.exitCode };
  out.mockRestore();
  errors.mockRestore();
  return ran;
}

const contact = { preferred: 'sms', sms: '+12025550123' };
const enrolment = { programme: 'depression', track: 'therapist-supported', timeZone: 'America/New_York', contact };
const events = [
  { id: 'ev-1', type: 'PatientEnrolled', occurredAt: '2026-03-02T15:00:00Z', patient: 'vendor-1', data: enrolment },
  {
    id: 'ev-2',
    type: 'ConsentGiven',
    occurredAt: '2026-03-02T15:00:00Z',
    patient: 'vendor-1',
    data: { scopes: ['scoring', 'reminders'] },
  },
];

function fileOf(...lines: unknown[]): string {
  const file = join(folder, 'events.ndjson');
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

const week = ['--from', '2026-03-02T00:00:00Z', '--to', '2026-03-10T00:00:00Z'];

describe('tandem plan', () => {
  it('--json: a line for each reminder, with the fields of the contract', async () => {
    const { out, errors, exitCode } = await run(fileOf(...events), ...week, '--json');
    expect([errors, exitCode]).toEqual(['', 0]);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toEqual({
      patient: 'vendor-1',
      at: '2026-03-02T23:00:00.000Z',
      local: '2026-03-02T18:00-05:00',
      template: 'welcome',
      channel: 'sms',
      crisisLine: false,
      why: 'the patient has enrolled',
    });
    expect(lines[1]).toMatchObject({ patient: 'vendor-1', heldBack: 'cap', until: '2026-03-03T23:00:00.000Z' });
    expect(lines.at(-1)).toMatchObject({ local: '2026-03-09T18:00-04:00' });
  });

  it('shows a table to people', async () => {
    const { out } = await run(fileOf(...events), ...week);
    expect(
      out
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim().split(/ {2,}/)),
    ).toMatchObject([
      ['patient', 'local time', 'reminder', 'why'],
      {},
      ['vendor-1', '2026-03-02T18:00-05:00', 'welcome', 'by sms', 'the patient has enrolled'],
      [
        'vendor-1',
        '2026-03-02T18:00-05:00',
        'questionnaire-due',
        'held back: cap',
        expect.stringContaining('waits until'),
      ],
    ]);
  });

  it('counts what went out before --from, and shows it not', async () => {
    const { out } = await run(
      fileOf(...events),
      '--from',
      '2026-03-03T00:00:00Z',
      '--to',
      '2026-03-04T00:00:00Z',
      '--json',
    );
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(out)).toMatchObject({ template: 'questionnaire-due', local: '2026-03-03T18:00-05:00' });
  });

  it('says which lines have faults and goes on with the others: exit code 1', async () => {
    const { out, errors, exitCode } = await run(fileOf('{', ...events), ...week, '--json');
    expect([errors, exitCode]).toEqual(['line 1: is not JSON: write one event on the line, as an object in braces', 1]);
    expect(out).not.toBe('');
  });

  it('says where the clinic sends no reminders', async () => {
    const copy = copyOfClinic();
    copy.write('programme.yaml', copy.read('programme.yaml').split('\nreminders:')[0] ?? '');
    const { out, errors, exitCode } = await run(fileOf(...events), ...week, '--json', '--clinic', copy.folder);
    copy.remove();
    expect([out, exitCode]).toEqual(['', 0]);
    expect(errors).toContain('has no section reminders');
  });

  it.each([
    ['no such file', [join(folder, 'none.ndjson'), ...week], 'cannot be read (ENOENT)'],
    ['a local time', ['-', ...week, '--from', '2026-03-02T00:00'], '--from: write a date-time with its offset'],
    [
      'an end before the beginning',
      ['-', ...week, '--to', '2026-03-02T00:00:00Z'],
      '--to: write a moment after --from',
    ],
    ['no such clinic', ['-', ...week, '--clinic', folder], 'has faults'],
  ])('with %s is not possible: exit code 2', async (_, options, line) => {
    const { errors, exitCode } = await run(...options);
    expect(exitCode).toBe(2);
    expect(errors).toContain(line);
  });
});
