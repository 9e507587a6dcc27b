import { setTimeout as pause } from 'node:timers/promises';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { Command } from 'commander';
import { type AuditRecord, chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { type ClinicalEvent, readEvent } from '../../functions/domain/event.ts';
import { type MorningList, type NightResult, nightAt } from '../../functions/domain/night.ts';
import { type DryRunLine, dryRun } from '../../functions/domain/reminder-dry-run.ts';
import { type Conversation, conversation } from '../demo/conversation.ts';
import { type Story, story } from '../demo/story.ts';
import { localStage } from '../deployment.ts';
import { stopDetached } from '../emulator/emulator.ts';
import { openDeployment } from '../open-deployment.ts';
import { type Progress, progressOn } from '../progress.ts';
import { table } from '../table.ts';
import { localUp } from './local.ts';

const clinicFolder = 'clinic';
/** A cold start of twenty functions at once on two busy cores, several times over. */
const longestWaitMilliseconds = 120_000;

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      "the whole product on this machine: deploys the real stack on an emulator, plays a made-up clinic's eight weeks, shows what came of it",
    )
    .option('--json', 'print one JSON object instead of the account in words')
    .addHelpText(
      'after',
      '\nExample: npx tandem demo\nEverything stays on this machine (127.0.0.1); every patient is made up. Stop it with: npx tandem local down',
    )
    .action(async (options: { json?: true }) => {
      const progress = progressOn(process.stderr, options.json === true);
      // Anew each time: the same events a second time would rightly change nothing.
      await stopDetached();
      const { endpoint } = await localUp(clinicFolder, progress);
      const told = story(Date.now());
      const result = await play(told, progress);
      progress.end();
      process.stdout.write(
        options.json === true ? `${JSON.stringify({ endpoint, ...result })}\n` : inWords(told, result, endpoint),
      );
    });
}

type Deployment = Awaited<ReturnType<typeof openDeployment>>;

interface Result {
  readonly sent: number;
  readonly patients: readonly PatientShown[];
  readonly setAside: readonly { id: string; reason: string }[];
  readonly night: NightResult;
  readonly lists: readonly MorningList[];
  readonly conversation: Conversation;
  readonly reminders: readonly DryRunLine[];
  readonly audit: { readonly patient: string; readonly records: readonly AuditRecord[]; readonly unbroken: boolean };
}

interface PatientShown {
  readonly patient: string;
  readonly id: string;
  readonly story: string;
  readonly events: number;
  readonly records: number;
  readonly status: string;
  readonly modulesCompleted: number;
  readonly totals: readonly (number | null)[];
  readonly dropout: string;
  readonly deterioration: string;
  readonly alerts: readonly string[];
}

async function play(told: Story, progress: Progress): Promise<Result> {
  const deployment = await openDeployment(localStage, clinicFolder);
  const { bus, clinic } = deployment;
  const source = clinic.settings.deployment.eventSource;
  progress.step(`sending ${told.sent.length} events of eight weeks through the bus`);
  await bus.put(told.sent.map(({ type, ...detail }) => ({ source, detailType: type, detail })));

  progress.step('waiting until the functions have taken them');
  const setAside = await untilTaken(deployment, told, progress);
  progress.step("the clinic's night: looking at everyone");
  const night = await scan(deployment);
  const patients = await Promise.all(told.patients.map((character) => shown(deployment, character)));
  const result = (await deployment.nights.load(night))?.finished;
  if (result === undefined || result === null)
    throw new Error('the nightly scan left no account: see .tandem/emulator.log');
  const lists = await deployment.nights.morningLists(night);
  progress.step('telling whoever is on duty of the urgent alert');
  const inDanger = patients.find(({ alerts }) => alerts.includes('safety: urgent'));
  if (inDanger === undefined) throw new Error('the urgent alert of the story was not opened');
  const spoken = await conversation(deployment, inDanger.id);
  return {
    sent: told.sent.length,
    patients,
    setAside,
    night: result,
    lists,
    conversation: spoken,
    reminders: remindersOf(told, clinic),
    audit: await auditOf(deployment, inDanger),
  };
}

async function untilTaken(deployment: Deployment, told: Story, progress: Progress): Promise<Result['setAside']> {
  const deadline = Date.now() + longestWaitMilliseconds;
  for (;;) {
    const patients = await Promise.all(told.patients.map((character) => shown(deployment, character)));
    const setAside = await deployment.setAsides.list();
    const taken = patients.reduce((sum, { events }) => sum + events, 0);
    progress.count(`${taken} of ${told.distinct} in force, ${setAside.length} of ${told.broken} set aside`);
    if (taken === told.distinct && setAside.length === told.broken) return setAside;
    if (Date.now() > deadline)
      throw new Error(`only ${taken} of ${told.distinct} events were taken: see .tandem/emulator.log`);
    await pause(500);
  }
}

/** Runs the deployed workflow once, as the clinic's night would. Answers with the night's name. */
async function scan({ deployment, clinic }: Deployment): Promise<string> {
  const workflows = new SFNClient({});
  const night = nightAt(new Date().toISOString(), clinic.settings.timeZone);
  const { executionArn } = await workflows.send(
    new StartExecutionCommand({ stateMachineArn: deployment.outputs['NightlyRiskScanArn'], input: '{}' }),
  );
  const deadline = Date.now() + longestWaitMilliseconds;
  for (;;) {
    const { status } = await workflows.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return night;
    if (status !== 'RUNNING' || Date.now() > deadline)
      throw new Error(`the nightly scan ended as ${status}: see .tandem/emulator.log`);
    await pause(500);
  }
}

async function shown(
  { patients, pseudonyms }: Deployment,
  { patient, story: text }: Story['patients'][number],
): Promise<PatientShown> {
  const id = await pseudonyms.patient(patient);
  const { state, version, alerts, standing } = await patients.load(id);
  const levelOf = (kind: string) => standing.find((assessment) => assessment.kind === kind)?.level ?? '';
  return {
    patient,
    id,
    story: text,
    events: state.events,
    records: version,
    status: state.enrolment?.status ?? 'not enrolled',
    modulesCompleted: Object.values(state.modules).filter(({ completedAt }) => completedAt !== null).length,
    totals: state.responses.map(({ reading }) => (reading.outcome === 'scored' ? reading.total : null)),
    dropout: levelOf('dropout'),
    deterioration: levelOf('deterioration'),
    alerts: alerts.map(({ cause, tier }) => `${cause}: ${tier}`),
  };
}

/** Whoever is eager and then silent shows best what reminders do, and when they stop. */
const reminded = 'demo-cleo';

/** What the rounds would have done for one patient in these weeks, had they run all the time. */
function remindersOf({ sent }: Story, clinic: Clinic): Result['reminders'] {
  const now = new Date().toISOString();
  const events = new Map<string, ClinicalEvent>();
  for (const one of sent) {
    const read = readEvent(one, now);
    if ('event' in read && one.patient === reminded) events.set(read.event.id, read.event);
  }
  return [...dryRun([...events.values()], clinic, now)];
}

/** The records of whoever the demo has an alert for: opened with the audit key, which no function may use. */
async function auditOf({ audit }: Deployment, chosen: PatientShown): Promise<Result['audit']> {
  const records = await audit.opened(chosen.id);
  let head = genesis(chosen.id);
  const unbroken = records.every((record, index) => {
    head = chainHash(chosen.id, record.sequence, head, record.recordHash);
    return record.sequence === index + 1 && record.head === head;
  });
  return {
    patient: chosen.patient,
    unbroken,
    records: records.map(({ bytes }): AuditRecord => JSON.parse(new TextDecoder().decode(bytes))),
  };
}

/** Enough to see what they are like. */
const remindersShown = 12;

function inWords(told: Story, result: Result, endpoint: string): string {
  const { sent, patients, setAside, night, lists, audit, conversation: spoken, reminders } = result;
  const rows = patients.map(
    ({ patient, id, modulesCompleted, totals, dropout, deterioration, alerts, status, story: text }) => [
      patient,
      `${id.slice(0, 8)}…`,
      status,
      `${modulesCompleted} of 8`,
      totals.map((total) => total ?? '?').join(' → '),
      dropout,
      deterioration,
      alerts.filter((alert) => alert.startsWith('safety')).join(' '),
      text,
    ],
  );
  const columns = ['patient', 'id', 'status', 'modules', 'PHQ-9', 'dropout', 'worse', 'alert', 'made up as'];
  return `
A made-up clinic, eight weeks. ${sent} events went through the bus: ${told.late} of them late, ${told.doubled} twice, ${told.broken} broken.
${told.distinct} took effect, each once; ${setAside.length} were set aside. Then came the night: ${night.due} patients were due, ${night.assessed} were
looked at, ${night.setAside} set aside, ${night.missed} missed.

Each patient in the morning (the tables know only the opaque id; "?" is a questionnaire with answers left out; a level stands
only where the patient may be scored):

${table(columns, rows)}

The morning lists, one message a day, with opaque ids only:

${table(
  ['therapist', 'patients', 'alerts'],
  lists.map(({ therapist, patients: count, alerts }) => [
    therapist ?? '(nobody yet)',
    String(count),
    String(alerts.length),
  ]),
)}

The urgent alert of ${audit.patient}. Asked: ${spoken.asked.join(', ')}, by this e-mail, which says nothing about anybody:

  Subject: ${spoken.mail.subject}
${spoken.mail.body.trimEnd().replaceAll(/^/gm, '  ')}

Answered by ${spoken.answeredBy}: ${spoken.answer}. Without an answer in time the next person is asked, and so on until somebody has answered.

The reminders of ${reminded} in these weeks, had the rounds run all the time (npx tandem plan; in the patient's local time):

${table(
  ['local time', 'about', '', 'why'],
  reminders
    .slice(0, remindersShown)
    .map((line) => [
      line.local,
      line.template,
      'channel' in line ? `by ${line.channel}` : `held back: ${line.heldBack}`,
      line.why.replace(/; the local time is the clinic's.*/, ''),
    ]),
)}
${reminders.length > remindersShown ? `  and ${reminders.length - remindersShown} more\n` : ''}
Set aside, encrypted, to be mended and sent again:

${table(
  ['id', 'why'],
  setAside.map(({ id, reason }) => [`${id.slice(0, 8)}…`, reason.length > 90 ? `${reason.slice(0, 90)}…` : reason]),
)}

The audit of ${audit.patient}, opened with a key that no function has; the chain of hashes is ${audit.unbroken ? 'unbroken' : 'BROKEN'}:

${table(
  ['no.', 'action', 'part', 'why'],
  audit.records.map(({ sequence, action, part, reason }) => [String(sequence), action, part ?? '', reason]),
)}

All of this ran on an emulator on this machine (${endpoint}), not on AWS. The levels come from default rules that are not fitted to
any clinic: docs/model-card.md.
Look further:  npx tandem status   npx tandem events set-aside   npx tandem --help
Stop it:       npx tandem local down
`;
}
