import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { scoreCommand } from '../../bin/commands/score.ts';
import { codedItems, response } from './questionnaire-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'score-'));
const plain = { measure: 'phq-9', answers: [2, 2, 2, 2, 1, 1, 2, 0, 3] };
let out: string[] = [];
let errors: string[] = [];

beforeEach(() => {
  out = [];
  errors = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void errors.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function score(content: unknown, ...options: string[]): Promise<number> {
  const file = join(folder, 'response.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  await scoreCommand().parseAsync([file, ...options], { from: 'user' });
  return Number(process.exitCode ?? 0);
}

function printed(): unknown {
  return JSON.parse(out.join(''));
}

describe('tandem score', () => {
  test('a scored response gives the fields of the contract and exit code 0', async () => {
    expect(await score(plain, '--json')).toBe(0);
    expect(printed()).toMatchObject({ ...plain, total: 15, band: 'moderately severe', item9: 3, safety: 'urgent' });
    expect(errors).toEqual([]);
  });

  test('a refusal gives the reason, item 9 and its tier, one line on standard error, and exit code 2', async () => {
    const answers = [2, null, 2, 2, 1, 1, 2, 0, 1];
    expect(await score({ measure: 'phq-9', answers }, '--json')).toBe(2);
    expect(printed()).toMatchObject({ refused: true, measure: 'phq-9', answers, item9: 1, safety: 'list' });
    expect(printed()).not.toHaveProperty('total');
    expect(errors).toEqual(['Refused: No total: item 2 not answered. A missing answer never counts as 0.']);
  });

  test('a FHIR response, an event’s data and a whole event are read alike', async () => {
    const fhir = response(codedItems([0, 0, 0, 0, 0, 0, 0, 0, 0]));
    const event = { id: 'ev-1', type: 'QuestionnaireSubmitted', data: { fhir } };
    for (const content of [
      fhir,
      { fhir },
      event,
      { ...event, data: { measure: 'phq-9', answers: Array(9).fill(0) } },
    ]) {
      out = [];
      expect(await score(content, '--json')).toBe(0);
      expect(printed()).toMatchObject({ measure: 'phq-9', total: 0, band: 'minimal', item9: 0, safety: 'none' });
    }
  });

  test('words for people say the same', async () => {
    await score(plain);
    expect(out).toEqual([
      'measure  phq-9',
      'answers  2 2 2 2 1 1 2 0 3',
      'total    15, moderately severe',
      'item 9   3, safety tier: urgent',
    ]);
    out = [];
    expect(await score({ measure: 'none', answers: [1] })).toBe(2);
    expect(out).toEqual(['measure  not known']);
    out = [];
    await score({ measure: 'isi', answers: [1, null, 1, 1, 1, 1, 1] });
    expect(out).toEqual(['measure  isi', 'answers  1 - 1 1 1 1 1']);
  });

  test('what is no JSON, no questionnaire or no file is a fault of the input: exit code 1 and what to do', async () => {
    for (const content of [
      '{',
      '[]',
      '7',
      '{"data":{"data":{"fhir":{}}}}',
      { type: 'PatientEnrolled', data: { track: 'x' } },
    ]) {
      errors = [];
      expect(await score(content, '--json')).toBe(1);
      expect(errors).toHaveLength(1);
      process.exitCode = undefined;
    }
    await scoreCommand().parseAsync([join(folder, 'absent.json')], { from: 'user' });
    expect(process.exitCode).toBe(1);
    expect(out).toEqual([]);
  });

  test('measures come from the given folder; a fault in one is named with its file', async () => {
    const measures = mkdtempSync(join(tmpdir(), 'measures-'));
    expect(await score(plain, '--measures', measures)).toBe(1);
    expect(errors[0]).toContain('holds no .yaml file');
    writeFileSync(join(measures, 'a.yaml'), 'id: a\n');
    process.exitCode = undefined;
    errors = [];
    expect(await score(plain, '--measures', measures)).toBe(1);
    expect(errors[0]).toContain('a.yaml: title: ');
  });
});
