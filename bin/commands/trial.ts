import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { Temporal } from 'temporal-polyfill';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { type Instant, instantAt } from '../../functions/domain/instant.ts';
import { type TrialSettings, trialName } from '../../functions/domain/reminder-trial.ts';
import { smallestEffect } from '../../functions/domain/reminder-trial-estimate.ts';
import { findDeployment } from '../deployment.ts';
import { openDeployment } from '../open-deployment.ts';
import { clinicOf, eventsOfFile, instantOf, NotPossible, withExitCode } from '../patients-at.ts';
import { progressOn } from '../progress.ts';
import { gatherDeployed, gatherRehearsed } from '../trial/gather.ts';
import { plot } from '../trial/plot.ts';
import { reportInWords, reportOf, type TrialReport } from '../trial/report.ts';

interface TrialOptions {
  readonly stage?: string;
  readonly clinic: string;
  readonly effect: string;
  readonly to?: string;
  readonly svg?: string;
  readonly json?: true;
}

/** `tandem trial`: whether reminders work at this clinic. */
export function trialCommand(): Command {
  return new Command('trial')
    .description("the clinic's own randomised trial of its reminders: whether they work here")
    .addCommand(reportCommand());
}

const example = `
Example: npx tandem trial report --stage production
         npx tandem simulate --patients 400 --weeks 26 --seed 1 > history.ndjson
         npx tandem trial report history.ndjson --svg trial.svg
With a file nothing is asked of a deployment, and no effect can show: it says what a trial could tell, and when.
Exit codes: 0 done, 1 the file has faults, 2 not possible.`;

/** `tandem trial report`. Exit code 0 done, 1 the file has faults (the rest counts), 2 not possible. */
function reportCommand(): Command {
  return new Command('report')
    .description('what reminders do to activity within 48 hours, how sure that is, and how much longer it takes')
    .argument('[file]', 'a history as NDJSON on which a trial is rehearsed; - is standard input')
    .option('--stage <name>', 'the deployment whose trials are looked at, "local" for the emulator; nothing is written')
    .option('--clinic <dir>', "the clinic's folder", 'clinic')
    .option('--effect <points>', 'the smallest effect worth knowing, in points', String(100 * smallestEffect))
    .option('--to <instant>', 'with a file: the moment of the report; by default that of its newest event')
    .option('--svg <file>', 'writes a picture of the newest trial: the effect week by week')
    .option('--json', 'one JSON object a trial and line instead of text')
    .addHelpText('after', example)
    .action((file: string | undefined, options: TrialOptions) =>
      withExitCode(() => reportTrials(file, options, findDeployment)),
    );
}

/**
 * Prints what each trial says.
 * @param find looks a deployment up, where no file is named
 * @returns the faults of the file
 * @throws NotPossible where nothing was drawn, or it is not clear of what to report
 */
export async function reportTrials(
  file: string | undefined,
  options: TrialOptions,
  find: typeof findDeployment,
): Promise<readonly string[]> {
  const worthKnowing = pointsOf(options.effect);
  if ((file === undefined) === (options.stage === undefined))
    throw new NotPossible('name a file, or a deployment with --stage, and not both');
  const { reports, faults } =
    file === undefined
      ? { reports: await deployed(options.stage ?? '', options.clinic, worthKnowing, find), faults: [] }
      : await rehearsed(file, options, worthKnowing);
  const [newest] = reports;
  if (newest === undefined)
    throw new NotPossible('no reminder has been drawn yet: see reminders.trial of programme.yaml');
  if (options.svg !== undefined) writePicture(options.svg, newest);
  process.stdout.write(
    options.json === true
      ? reports.map((one) => `${JSON.stringify(one)}\n`).join('')
      : `${reports.map(reportInWords).join('\n\n')}\n`,
  );
  return faults;
}

async function deployed(
  stage: string,
  folder: string,
  worthKnowing: number,
  find: typeof findDeployment,
): Promise<TrialReport[]> {
  const progress = progressOn(process.stderr, false);
  progress.step(`reading the reminders of stage ${stage}`);
  const { clinic, ...ports } = await openDeployment(stage, folder, find);
  const trials = await gatherDeployed(ports, clinic, instantAt(Temporal.Now.instant().epochMilliseconds), (patients) =>
    progress.count(`${patients} patients`),
  );
  progress.end();
  const running = runningTrial(clinic);
  return Promise.all(
    trials.map(async (trial) =>
      reportOf(trial, {
        standing: trial.name === running ? 'running' : 'other',
        stopped: await ports.trialStops.stopOf(trial.name),
        worthKnowing,
      }),
    ),
  );
}

async function rehearsed(file: string, { clinic: folder, to }: TrialOptions, worthKnowing: number) {
  const clinic = clinicOf(folder);
  if (clinic.programme.reminders === undefined)
    throw new NotPossible(`${folder}/programme.yaml: has no section reminders, so there is nothing to draw`);
  const latest = to === undefined ? instantAt(Temporal.Now.instant().epochMilliseconds) : instantOf(to, '--to');
  const progress = progressOn(process.stderr, false);
  progress.step('reading events');
  const { events, faults } = await eventsOfFile(file, latest);
  const until = to === undefined ? newestOf(events) : latest;
  progress.step('rehearsing the rounds of reminders');
  const trial = gatherRehearsed(events, settingsOf(clinic), clinic, until, (patients) =>
    progress.count(`${patients} patients`),
  );
  progress.end();
  return { reports: [reportOf(trial, { standing: 'rehearsed', stopped: null, worthKnowing })], faults };
}

function settingsOf({ programme }: Clinic): Omit<TrialSettings, 'on'> {
  return programme.reminders?.trial ?? { probability: 0.5, seed: '', leaveOut: ['welcome', 'live-session'] };
}

function runningTrial(clinic: Clinic): string | null {
  return clinic.programme.reminders?.trial?.on === true ? trialName(settingsOf(clinic)) : null;
}

function newestOf(events: readonly { readonly occurredAt: Instant }[]): Instant {
  let newest = '';
  for (const { occurredAt } of events) if (occurredAt > newest) newest = occurredAt;
  return newest;
}

function writePicture(file: string, newest: TrialReport): void {
  const picture = plot(newest);
  if (picture === null) console.error(`${file}: not written, since nothing can be told yet`);
  else writeFileSync(file, picture);
}

function pointsOf(text: string): number {
  const points = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && points >= 0.1 && points <= 50) return points / 100;
  throw new NotPossible('--effect: write points from 0.1 to 50');
}
