import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { evaluateCommand } from '../../bin/commands/evaluate.ts';
import { simulate } from '../../bin/simulate/cohort.ts';
import type { Evaluation } from '../../functions/domain/evaluation.ts';
import { riskRulesFaults, riskRulesSchema } from '../../functions/domain/risk-rules.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { clinicFolder, exampleClinic } from '../example-clinic.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-evaluate-'));
const history = join(folder, 'history.ndjson');
beforeAll(() => {
  const cohort = { patients: 120, weeks: 8, seed: 4, start: '2026-01-05T00:00:00.000Z' };
  writeFileSync(history, Array.from(simulate(cohort, exampleClinic), (event) => `${JSON.stringify(event)}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

const text = (calls: unknown[][]) => calls.map(([line]) => String(line)).join('\n');

async function run(...options: string[]): Promise<{ out: string; errors: string; exitCode: unknown }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const progress = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const errors = vi.spyOn(console, 'error').mockReturnValue(undefined);
  process.exitCode = 0;
  await evaluateCommand().parseAsync(['--clinic', clinicFolder, ...options], { from: 'user' });
  const ran = { out: text(out.mock.calls), errors: text(errors.mock.calls), exitCode: process.exitCode };
  for (const spy of [out, progress, errors]) spy.mockRestore();
  return ran;
}

interface Printed {
  readonly simulated: boolean;
  readonly data: string;
  readonly evaluations: readonly (Evaluation & { readonly claimFaults: readonly string[] })[];
}
const printed = (out: string) => JSON.parse(out) as Printed;

describe('tandem evaluate', () => {
  it('says that the patients are simulated, that no claim can be made, and what a budget pays for', async () => {
    const { out, errors, exitCode } = await run(history, '--budget', '200');
    expect([errors, exitCode]).toEqual(['', 0]);
    expect(out).toContain('SIMULATED: 120 patients, none of whom exists.');
    expect(out).toContain('NO CLAIM can be made, and the product shows no probability: the patients are simulated');
    expect(out).toContain('are fewer than 500');
    expect(out).toMatch(/A budget of 200 minutes pays for red from \d+ on\./);
    for (const part of ['Who drops out', 'does not respond', 'reliably worse']) expect(out).toContain(part);
  });

  it('gives all figures as one JSON object, the same for the same seed and any order of lines', async () => {
    const { out } = await run(history, '--json');
    const { simulated, evaluations } = printed(out);
    expect(simulated).toBe(true);
    expect(evaluations.map(({ target, weeks }) => [target, weeks.length])).toEqual([
      ['dropout', 7],
      ['no-response', 7],
      ['deterioration', 7],
    ]);
    const mixed = join(folder, 'mixed.ndjson');
    writeFileSync(mixed, readFileSync(history, 'utf8').trimEnd().split('\n').toReversed().join('\n'));
    expect(printed((await run(mixed, '--json')).out).data).toBe(printed(out).data);
    expect((await run(history, '--json')).out).toBe(out);
    expect((await run(history, '--json', '--seed', '2')).out).not.toBe(out);
  });

  it('draws a plot that is well formed, has a title and no script, and says simulated', async () => {
    const svg = join(folder, 'plot.svg');
    await run(history, '--svg', svg);
    const drawn = readFileSync(svg, 'utf8');
    expect(drawn).toMatch(/^<svg [^>]*role="img"[^>]*>\n<title>.*SIMULATED.*<\/title>/);
    expect(drawn).not.toMatch(/NaN|undefined|Infinity|<script|&(?!amp;|lt;|gt;)/);
    const opened = drawn.match(/<(?:g|svg|text|title)[ >]/g) ?? [];
    const closed = drawn.match(/<\/(?:g|svg|text|title)>/g) ?? [];
    expect(opened.length).toBe(closed.length);
    expect(drawn.match(/<polyline/g)).toHaveLength(9);
  });

  it('learns points and writes them as a section that would be valid rules, with date, data, figures and a warning', async () => {
    const out = join(folder, 'fitted.yaml');
    const { exitCode } = await run(history, '--fit', out);
    expect(exitCode).toBe(0);
    const written = readFileSync(out, 'utf8');
    expect(written).toMatch(/^# .*NOT SWITCHED ON/);
    for (const part of [
      /# SIMULATED PATIENTS/,
      /# Date: \d{4}-\d\d-\d\d/,
      /# Data: sha256:[0-9a-f]{64}/,
      /# Cross-validated/,
      /# No claim/,
    ])
      expect(written).toMatch(part);
    const risk = riskRulesSchema.parse((parse(written) as { risk: unknown }).risk);
    expect(riskRulesFaults(risk, exampleClinic.measures)).toEqual([]);
    expect(risk.deterioration).toEqual(exampleClinic.rules.risk?.deterioration);
    expect(risk.dropout.factors.every(({ source }) => source.includes('Fitted to this clinic'))).toBe(true);
    expect(risk.dropout.fitted).toMatchObject({ outcome: 'dropout', week: 4, simulated: true });
    expect(written).toContain(`# Data: ${risk.dropout.fitted?.data}`);
  });

  it('knows again the patients that rules were fitted to, and takes no claim from them', async () => {
    const out = join(folder, 'fitted-before.yaml');
    await run(history, '--fit', out);
    const clinic = copyOfClinic();
    try {
      const { safety } = exampleClinic.rules;
      clinic.write('rules.yaml', `safety: ${JSON.stringify(safety)}\n${readFileSync(out, 'utf8')}`);
      const { out: report, errors } = await run(history, '--clinic', clinic.folder);
      expect(errors).toBe('');
      expect(report).toContain('the rules were fitted to these very patients');
      // The same seed has learned the same points.
      expect(readFileSync(join(folder, 'fitted.yaml'), 'utf8')).toBe(readFileSync(out, 'utf8'));
    } finally {
      clinic.remove();
    }
  });

  it('names lines that have faults, goes on with the others: exit code 1', async () => {
    const faulty = join(folder, 'faulty.ndjson');
    writeFileSync(faulty, `{\n${readFileSync(history, 'utf8')}`);
    const { out, errors, exitCode } = await run(faulty);
    expect(exitCode).toBe(1);
    expect(errors).toContain('line 1: is not JSON');
    expect(out).toContain('120 patients');
  });

  it('takes real-looking ids for patients, not for simulated ones', async () => {
    const real = join(folder, 'real.ndjson');
    writeFileSync(real, readFileSync(history, 'utf8').replaceAll('sim-4-', 'v-'));
    const { out } = await run(real, '--json');
    expect(printed(out).simulated).toBe(false);
    expect(printed(out).evaluations[0]?.claimFaults.join()).toMatch(/^\d+ patients are fewer than 500/);
  });

  it.each([
    ['no such file', ['none.ndjson'], 'ENOENT'],
    ['a week without anything to foresee', [history, '--week', '8'], '--week: write a whole number from 1 to 7'],
    ['a seed that is none', [history, '--seed', 'x'], '--seed: write a whole number'],
    [
      'a fit into the clinic itself',
      [history, '--fit', join(clinicFolder, 'rules.yaml')],
      'never written into the clinic',
    ],
    [
      'too few events to learn from',
      [history, '--fit', join(folder, 'x.yaml'), '--target', 'deterioration', '--week', '1'],
      'are the least to learn from',
    ],
  ])('with %s is not possible: exit code 2', async (_, options, line) => {
    const { errors, exitCode } = await run(...options);
    expect(exitCode).toBe(2);
    expect(errors).toContain(line);
  });

  it('needs scorecards and an enrolment: exit code 2', async () => {
    const empty = join(folder, 'empty.ndjson');
    writeFileSync(empty, '');
    expect(await run(empty)).toMatchObject({ exitCode: 2, errors: expect.stringContaining('holds no enrolment') });
    const clinic = copyOfClinic();
    try {
      clinic.write('rules.yaml', `safety: ${JSON.stringify(exampleClinic.rules.safety)}\n`);
      expect(await run(history, '--clinic', clinic.folder)).toMatchObject({
        exitCode: 2,
        errors: expect.stringContaining('holds no section "risk"'),
      });
    } finally {
      clinic.remove();
    }
  });
});
