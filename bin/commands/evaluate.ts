import { writeFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { Command, Option } from 'commander';
import { Temporal } from 'temporal-polyfill';
import { canonicalText, runningSha256 } from '../../functions/domain/canonical.ts';
import { evaluate } from '../../functions/domain/evaluation.ts';
import { claimFaults } from '../../functions/domain/evaluation-claim.ts';
import {
  type PastCourse,
  pastCourse,
  scorecardOf,
  type Target,
  targets,
  weeksOf,
} from '../../functions/domain/evaluation-course.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { compareEvents, placeOf } from '../../functions/domain/fold.ts';
import { fitHistory } from '../evaluate/fit.ts';
import { plot } from '../evaluate/plot.ts';
import { report } from '../evaluate/report.ts';
import { rulesSection } from '../evaluate/rules-section.ts';
import { clinicOf, eventsOfFile, NotPossible, withExitCode } from '../patients-at.ts';
import { progressOn } from '../progress.ts';
import { Chance } from '../simulate/chance.ts';

interface Options {
  readonly clinic: string;
  readonly week: string;
  readonly seed: string;
  readonly target: Target;
  readonly budget?: string;
  readonly svg?: string;
  readonly fit?: string;
  readonly json?: true;
}

const example = `
Example: npx tandem simulate --patients 600 --weeks 8 --seed 1 > history.ndjson
         npx tandem evaluate history.ndjson --svg history.svg
A dropout is an EnrolmentEnded with the reason "dropped-out"; "completed", or still enrolled when the programme is over, is none.
Exit codes: 0 done, 1 the file has faults, 2 not possible.`;

/** `tandem evaluate FILE`. Exit code 0 done, 1 the file has faults (the rest counts), 2 not possible. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('how well the scores foresaw what came of patients, and what therapist time each threshold costs')
    .argument('<file>', 'events of patients whose outcomes are known, as NDJSON; - is standard input')
    .option('--clinic <dir>', "the clinic's folder", 'clinic')
    .option('--week <number>', 'the week of the programme that decides: claims, thresholds, subgroups, fit', '4')
    .option('--budget <minutes>', 'therapist time a week for 100 patients: names the threshold it pays for')
    .option('--svg <file>', 'writes a plot: ROC curve, and what each threshold finds and costs')
    .option('--fit <file>', 'learns points from this history and writes them as a rules section; switches nothing on')
    .addOption(new Option('--target <outcome>', 'what --fit learns to foresee').choices(targets).default('dropout'))
    .option('--seed <number>', 'a whole number: the same seed gives the same intervals and the same fit', '1')
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', example)
    .action((file: string, options: Options) => withExitCode(() => run(file, options)));
}

async function run(file: string, options: Options): Promise<readonly string[]> {
  const clinic = clinicOf(options.clinic);
  const { risk } = clinic.rules;
  if (risk === undefined)
    throw new NotPossible(`${options.clinic}/rules.yaml: holds no section "risk": nothing is scored`);
  const week = wholeNumber(options.week, '--week', 1, weeksOf(clinic));
  const seed = wholeNumber(options.seed, '--seed', 0, Number.MAX_SAFE_INTEGER);
  const budget = options.budget === undefined ? null : wholeNumber(options.budget, '--budget', 0, 1_000_000);
  refuseClinicFolder(options);

  const progress = progressOn(process.stderr, false);
  progress.step('reading events');
  const now = Temporal.Now.instant().toString({ fractionalSecondDigits: 3 });
  const { events, faults } = await eventsOfFile(file, now);
  const newest =
    events
      .map(({ occurredAt }) => occurredAt)
      .toSorted()
      .at(-1) ?? '';
  progress.step('looking back: the end of each week, as it would have been assessed');
  const courses: PastCourse[] = [];
  const histories = Map.groupBy(events, ({ patient }) => patient);
  for (const history of histories.values()) {
    const course = pastCourse(history, clinic, newest, week);
    if (course !== null) courses.push(course);
    if (courses.length % 500 === 0) progress.count(`${courses.length} of ${histories.size} patients`);
  }
  if (courses.length === 0) {
    for (const fault of faults) console.error(fault);
    throw new NotPossible('The file holds no enrolment: give events of patients whose outcomes are known.');
  }
  const data = hashOf(events);
  const simulated = courses.some(({ patient }) => patient.startsWith('sim-'));
  const chance = new Chance(`evaluate/${seed}`);
  const judged = targets.map((target) => {
    progress.step(`evaluating ${target}`);
    const one = evaluate(courses, target, risk[scorecardOf[target]].levels.red, week, () => chance.next());
    const { patients, balancedAccuracy } = one.atWeek;
    const heldOut = risk[scorecardOf[target]].fitted?.data !== data;
    return { ...one, claimFaults: claimFaults({ patients, balancedAccuracy, simulated, heldOut }) };
  });
  const fit = options.fit === undefined ? null : learn(options.fit);
  progress.end();

  if (options.svg !== undefined)
    writeFileSync(
      options.svg,
      plot(judged, `How well the scores foresaw what came${simulated ? ' (SIMULATED patients)' : ''}`),
    );
  const about = { patients: courses.length, simulated, data, rules: clinic.hash, budget };
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...about, minutesPerRedWeek: 14, evaluations: judged, fit })}\n`
      : `${report(judged, about)}\n`,
  );
  return faults;

  function learn(out: string) {
    if (risk === undefined) return null;
    progress.step(`learning points for ${options.target}`);
    const learned = fitHistory(courses, options.target, week, clinic, risk, new Chance(`fit/${seed}`));
    const { patients, balancedAccuracy } = learned.crossValidated;
    const section = rulesSection(learned, risk, {
      date: now.slice(0, 10),
      data,
      simulated,
      claimFaults: claimFaults({ patients, balancedAccuracy, simulated, heldOut: true }),
    });
    writeFileSync(out, section);
    progress.step(`wrote ${out}: a proposal, nothing reads it`);
    return learned;
  }
}

/** A fit never switches itself on: it is written anywhere but into the clinic's folder. */
function refuseClinicFolder({ fit, svg, clinic }: Options): void {
  for (const [option, out] of [
    ['--fit', fit],
    ['--svg', svg],
  ])
    if (out !== undefined && `${resolve(out)}${sep}`.startsWith(`${resolve(clinic)}${sep}`))
      throw new NotPossible(`${option}: is never written into the clinic's folder: name a file elsewhere`);
}

/** The same for the same events, whatever their order in the file. */
function hashOf(events: readonly ClinicalEvent[]): string {
  const hash = runningSha256();
  for (const event of events.toSorted((a, b) => compareEvents(placeOf(a), placeOf(b))))
    hash.add(`${canonicalText(event)}\n`);
  return `sha256:${hash.hex()}`;
}

function wholeNumber(text: string, option: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new NotPossible(`${option}: write a whole number from ${min} to ${max}`);
}
