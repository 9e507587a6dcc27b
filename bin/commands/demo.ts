import { Command } from 'commander';
import { type AuditRecord, chainHash, genesis } from '../../functions/domain/audit-chain.ts';
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
  readonly alert: string | null;
}

async function play(told: Story, progress: Progress): Promise<Result> {
  const deployment = await openDeployment(localStage, clinicFolder);
  const { bus, clinic, setAsides } = deployment;
  const source = clinic.settings.deployment.eventSource;
  const alreadySetAside = new Set((await setAsides.list()).map(({ id }) => id));
  progress.step(`sending ${told.sent.length} events of eight weeks through the bus`);
  await bus.put(told.sent.map(({ type, ...detail }) => ({ source, detailType: type, detail })));

  progress.step('waiting until the functions have taken them');
  const deadline = Date.now() + longestWaitMilliseconds;
  for (;;) {
    const patients = await Promise.all(told.patients.map((character) => shown(deployment, character)));
    const setAside = (await setAsides.list()).filter(({ id }) => !alreadySetAside.has(id));
    const taken = patients.reduce((sum, { events }) => sum + events, 0);
    progress.count(`${taken} of ${told.distinct} in force, ${setAside.length} of ${told.broken} set aside`);
    if (taken === told.distinct && setAside.length >= told.broken)
      return { sent: told.sent.length, patients, setAside, audit: await auditOf(deployment, patients) };
    if (Date.now() > deadline)
      throw new Error(`only ${taken} of ${told.distinct} events were taken: see .tandem/emulator.log`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function shown(
  { patients, pseudonyms }: Deployment,
  { patient, story: text }: Story['patients'][number],
): Promise<PatientShown> {
  const id = await pseudonyms.patient(patient);
  const { state, version, alerts } = await patients.load(id);
  return {
    patient,
    id,
    story: text,
    events: state.events,
    records: version,
    status: state.enrolment?.status ?? 'not enrolled',
    modulesCompleted: Object.values(state.modules).filter(({ completedAt }) => completedAt !== null).length,
    totals: state.responses.map(({ reading }) => (reading.outcome === 'scored' ? reading.total : null)),
    alert: alerts[0] === undefined ? null : `${alerts[0].cause}: ${alerts[0].tier}`,
  };
}

/** The records of whoever the demo has an alert for: opened with the audit key, which no function may use. */
async function auditOf({ audit }: Deployment, patients: readonly PatientShown[]): Promise<Result['audit']> {
  const chosen = patients.find(({ alert }) => alert?.endsWith('urgent'));
  if (chosen === undefined) throw new Error('the urgent alert of the story was not opened');
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

function inWords(told: Story, { sent, patients, setAside, audit }: Result, endpoint: string): string {
  const rows = patients.map(({ patient, id, story: text, events, modulesCompleted, totals, alert, status }) => [
    patient,
    `${id.slice(0, 8)}…`,
    String(events),
    status,
    `${modulesCompleted} of 8`,
    totals.map((total) => total ?? '?').join(' → '),
    alert ?? '',
    text,
  ]);
  return `
A made-up clinic, eight weeks. ${sent} events went through the bus: ${told.late} of them late, ${told.doubled} twice, ${told.broken} broken.
${told.distinct} took effect, each once; ${setAside.length} were set aside.

Each patient as the events left them (the tables know only the opaque id; "?" is a questionnaire with answers left out):

${table(['patient', 'id', 'events', 'status', 'modules', 'PHQ-9', 'alert', 'made up as'], rows)}

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

All of this ran on an emulator on this machine (${endpoint}), not on AWS.
Look further:  npx tandem status   npx tandem events set-aside   npx tandem --help
Stop it:       npx tandem local down
`;
}
