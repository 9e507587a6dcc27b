import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { simulateCommand } from '../../bin/commands/simulate.ts';
import { trialCommand } from '../../bin/commands/trial.ts';
import { gatherDeployed } from '../../bin/trial/gather.ts';
import { plot } from '../../bin/trial/plot.ts';
import { reportInWords, reportOf } from '../../bin/trial/report.ts';
import { TrialWeeks } from '../../bin/trial/weeks.ts';
import { days, later } from '../../functions/domain/instant.ts';
import { unknownPatient } from '../../functions/domain/patient.ts';
import { emptyTally, type TrialDecision, tallyOf } from '../../functions/domain/reminder-trial-tally.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { clinicFolder, exampleClinic } from '../example-clinic.ts';
import { sentAt } from '../reminder-patients.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

const text = (calls: unknown[][]) => calls.map(([line]) => String(line)).join('');

async function run(...options: string[]): Promise<{ out: string; errors: string; exitCode: unknown }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const progress = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const errors = vi.spyOn(console, 'error').mockReturnValue(undefined);
  process.exitCode = 0;
  await trialCommand().parseAsync(['report', ...options], { from: 'user' });
  const ran = { out: text(out.mock.calls), errors: text(errors.mock.calls), exitCode: process.exitCode };
  for (const spy of [out, progress, errors]) spy.mockRestore();
  return ran;
}

async function simulated(patients: number): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await simulateCommand().parseAsync(
    ['--patients', String(patients), '--weeks', '10', '--seed', '1', '--clinic', clinicFolder],
    { from: 'user' },
  );
  const events = text(out.mock.calls);
  out.mockRestore();
  const file = join(folder, `history-${patients}.ndjson`);
  writeFileSync(file, events);
  return file;
}

const monday = '2026-03-02T12:00:00.000Z';

/** A trial of so many patients with two draws each, a week apart; so many of a hundred are active. */
function weeksOf(activeSent: number, activeHeld: number, patients = 400, waiting = 0): TrialWeeks {
  const weeks = new TrialWeeks();
  for (let index = 0; index < patients; index += 1) {
    const arm = index % 2 === 0 ? 'send' : 'hold';
    const active = Math.floor(index / 2) % 100 < (arm === 'send' ? activeSent : activeHeld);
    const decision = (at: string): TrialDecision => ({ at, arm, probability: 0.5, active });
    weeks.add([decision(monday), decision(later(monday, 7 * days))]);
  }
  weeks.add([], waiting);
  return weeks;
}

const said = (weeks: TrialWeeks, standing: 'rehearsed' | 'running' | 'other' = 'running', worthKnowing = 0.05) => {
  const report = reportOf({ name: 't-1', probability: 0.5, weeks }, { standing, stopped: null, worthKnowing });
  return { report, words: reportInWords(report) };
};

describe('tandem trial report FILE', () => {
  it('rehearses a trial on a history: what it could tell, and when; and says that no effect can show', async () => {
    const svg = join(folder, 'trial.svg');
    const { out, errors, exitCode } = await run(await simulated(150), '--clinic', clinicFolder, '--svg', svg);
    expect([errors, exitCode]).toEqual(['', 0]);
    expect(out).toContain('REHEARSED on a file: nothing was held back by these draws, so no effect can show.');
    expect(out).toMatch(/sent +\d+ +\d+\.\d %\n {2}held back +\d+ +\d+\.\d %/);
    expect(out).toMatch(/95 % sequence, for looks as often as you like: {7}-\d+\.\d to \+\d+\.\d/);
    expect(out).toMatch(
      /CANNOT TELL YET\.\nAbout \d+ more draws \(of \d+\) would tell 5 points from nothing, \d+ weeks as things go\./,
    );
    const picture = readFileSync(svg, 'utf8');
    expect(picture).toMatch(/^<svg .*role="img"/);
    expect(picture).toContain('(REHEARSED)');
    expect(picture).not.toMatch(/<script|NaN|Infinity|undefined/);
  });

  it('--json: one object a trial, with the effect of each week; the same for the same file', async () => {
    const options = [
      await simulated(60),
      '--clinic',
      clinicFolder,
      '--json',
      '--effect',
      '10',
      '--to',
      '2027-12-01T00:00:00Z',
    ];
    const { out } = await run(...options);
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(report).toMatchObject({
      standing: 'rehearsed',
      probability: 0.5,
      worthKnowing: 0.1,
      waiting: 0,
      stopped: null,
    });
    expect(Object.keys((report['weeks'] as object[])[0] ?? {})).toEqual(['until', 'draws', 'effect', 'sequence']);
    expect((await run(...options)).out).toBe(out);
  });

  it('rehearses the clinic’s own settings whether its trial is on or off, and usual ones where there are none', async () => {
    const copy = copyOfClinic();
    const file = await simulated(60);
    const nameIn = async () =>
      (JSON.parse((await run(file, '--clinic', copy.folder, '--json')).out) as { trial: string }).trial;
    const usual = await nameIn();
    const programme = copy.read('programme.yaml');
    copy.write('programme.yaml', programme.replace('probability: 0.5', 'probability: 0.6'));
    expect(await nameIn()).not.toBe(usual);
    copy.write('programme.yaml', programme.replace(/\n {2}trial:\n[\s\S]*$/, '\n'));
    expect(await nameIn()).toBe(usual);
    copy.remove();
  });

  it('says what is wrong with the call, the clinic and the file', async () => {
    const file = await simulated(60);
    expect(await run('--clinic', clinicFolder)).toMatchObject({
      errors: 'name a file, or a deployment with --stage, and not both',
      exitCode: 2,
    });
    expect((await run(file, '--stage', 'local')).exitCode).toBe(2);
    expect(await run(file, '--effect', '0')).toMatchObject({
      errors: '--effect: write points from 0.1 to 50',
      exitCode: 2,
    });
    expect(await run(file, '--effect', 'much')).toMatchObject({ exitCode: 2 });
    const copy = copyOfClinic();
    copy.write('programme.yaml', copy.read('programme.yaml').replace(/\nreminders:\n[\s\S]*$/, '\n'));
    expect((await run(file, '--clinic', copy.folder)).errors).toContain('has no section reminders');
    copy.remove();
    const broken = join(folder, 'broken.ndjson');
    writeFileSync(broken, `${readFileSync(file, 'utf8')}{"id":1}\n`);
    const { out, errors, exitCode } = await run(broken, '--clinic', clinicFolder);
    expect(out).toContain('REHEARSED');
    expect(errors).toMatch(/^line \d+: /);
    expect(exitCode).toBe(1);
  });

  it('writes no picture of what cannot be told', async () => {
    const svg = join(folder, 'none.svg');
    const { errors } = await run(await simulated(5), '--clinic', clinicFolder, '--svg', svg);
    expect(errors).toContain('not written, since nothing can be told yet');
    expect(() => readFileSync(svg)).toThrow('ENOENT');
  });
});

describe('what is said of a trial', () => {
  it.each([
    ['benefit', 70, 40, 400, 'running', 'BENEFIT IS CLEAR: more patients are active after a reminder.'],
    ['harm', 40, 70, 400, 'running', 'HARM IS CLEAR: fewer patients are active after a reminder.'],
    ['small', 50, 50, 20_000, 'running', 'WHATEVER IT IS, IT IS SMALL: less than 5 points, one way or the other.'],
    ['small', 50, 50, 20_000, 'rehearsed', 'THERE IS NO EFFECT to be seen, as there must not be.'],
    ['benefit', 70, 40, 400, 'rehearsed', 'AN EFFECT WITHOUT A CAUSE'],
    ['cannot-tell', 50, 48, 400, 'other', 'CANNOT TELL YET.'],
    ['cannot-tell', 50, 50, 20, 'running', 'CANNOT TELL: too little has been seen.'],
  ] as const)(
    '%s (%i against %i of a hundred, %i patients, %s)',
    (verdict, sent, held, patients, standing, sentence) => {
      const { report, words } = said(weeksOf(sent, held, patients), standing);
      expect(report.verdict).toBe(verdict);
      expect(words).toContain(sentence);
      expect(words).toContain('Activity within 48 hours is not yet a module completed');
      expect(words).not.toMatch(/NaN|undefined|Infinity/);
    },
  );

  it('counts what waits, and names the end that a trial has come to', () => {
    const report = reportOf(
      { name: 't-1', probability: 0.5, weeks: weeksOf(70, 40, 400, 3) },
      { standing: 'running', stopped: { at: '2026-06-01T08:00:00.000Z', verdict: 'benefit' }, worthKnowing: 0.05 },
    );
    expect(reportInWords(report)).toContain('3 more draws wait for their 48 hours to pass.');
    expect(reportInWords(report)).toContain('It ended by itself at 2026-06-01T08:00:00.000Z: benefit was clear.');
  });

  it('says so where there are enough draws and the effect lies near the smallest worth knowing', () => {
    const { report, words } = said(weeksOf(54, 50, 5000));
    expect(report).toMatchObject({ verdict: 'cannot-tell', stillNeeded: 0 });
    expect(words).toContain(
      'There are enough draws to tell 5 points; what there is lies near to that, or near to nothing.',
    );
  });
});

describe('the weeks of a trial', () => {
  it('grow by what each added; the last is the whole, as if it were tallied at once', () => {
    const looks = weeksOf(70, 40).looks();
    expect(looks.map(({ tally }) => tally.sent + tally.held)).toEqual([400, 800]);
    const twice = (active: boolean): TrialDecision[] =>
      [monday, later(monday, 7 * days)].map((at) => ({ at, arm: 'send', probability: 0.5, active }));
    const weeks = new TrialWeeks();
    weeks.add(twice(true));
    expect(weeks.looks().at(-1)?.tally).toEqual(tallyOf(twice(true)));
    expect(new TrialWeeks().looks()).toEqual([]);
  });

  it('make a picture, of a single week too, and none where nothing can be told', () => {
    expect(plot(said(weeksOf(70, 40)).report)).toContain('2026-03-12, 800 draws');
    const weeks = new TrialWeeks();
    for (let index = 0; index < 200; index += 1)
      weeks.add([{ at: monday, arm: index % 2 === 0 ? 'send' : 'hold', probability: 0.5, active: index % 4 < 2 }]);
    expect(plot(said(weeks).report)).not.toMatch(/NaN|Infinity/);
    expect(plot(said(new TrialWeeks()).report)).toBeNull();
    expect(said(new TrialWeeks()).report).toMatchObject({ perWeek: null, patients: emptyTally.patients });
  });
});

it('every trial of a deployment is gathered over all its pages, the newest first, those without an outcome yet counted', async () => {
  const draw = (name: string, at: string, probability = 0.5) => ({ name, probability, arm: 'send', at }) as const;
  const known = new Map(
    Array.from({ length: 5 }, (_, index) => {
      const at = later(monday, index * days);
      const reminders = [
        sentAt(monday, { trial: draw('t-old', monday, 0.6) }),
        sentAt(at, { key: 'new', trial: draw('t-new', at) }),
      ];
      return [`p-${index}`, { ...unknownPatient(`p-${index}`, ''), reminders: index === 4 ? [] : reminders }];
    }),
  );
  const told: number[] = [];
  const trials = await gatherDeployed(
    {
      reviewIndex: {
        shards: [0],
        due: (_shard, _until, cursor) => {
          const all = [...known.keys()].map((id) => ({ id, reviewAt: null }));
          return Promise.resolve(
            cursor === null ? { due: all.slice(0, 2), cursor: 'more' } : { due: all.slice(2), cursor: null },
          );
        },
      },
      patients: {
        load: (id) => Promise.resolve(known.get(id) ?? unknownPatient(id, '')),
        history: () => Promise.resolve([]),
      },
    },
    exampleClinic,
    later(monday, 4 * days),
    (patients) => told.push(patients),
  );
  expect(told).toEqual([1, 2, 3, 4, 5]);
  expect(trials.map(({ name, probability }) => [name, probability])).toEqual([
    ['t-new', 0.5],
    ['t-old', 0.6],
  ]);
  expect(trials.map(({ weeks }) => [weeks.looks().at(-1)?.tally.sent, weeks.waiting])).toEqual([
    [3, 1],
    [4, 0],
  ]);
});
