import { userInfo } from 'node:os';
import { Command } from 'commander';
import {
  accountingOf,
  accountingSpan,
  accountingYears,
  type Disclosure,
  disclosureRecord,
  disclosureSchema,
} from '../../functions/domain/disclosure.ts';
import { dateInWords } from '../../functions/domain/local-words.ts';
import {
  type FindDeployment,
  instantOption,
  type PatientOptions,
  patientOfExport,
  patientOrExport,
  withPatientOptions,
} from '../audit-options.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { lookRecord, noteOn, openAudit } from '../open-audit.ts';
import { clinicOf } from '../open-deployment.ts';
import { chainRecords, readingOf, unreadableText } from '../opened-records.ts';
import { table } from '../table.ts';

interface DisclosuresOptions extends PatientOptions {
  readonly from?: string;
  readonly to?: string;
}

interface RecordOptions extends DeploymentOptions {
  readonly patient: string;
  readonly recipient: string;
  readonly address?: string;
  readonly what: string;
  readonly purpose: string;
  readonly at: string;
}

/** `tandem audit disclosures`: the accounting that 45 CFR 164.528 gives a patient a right to. */
export function disclosuresCommand(): Command {
  return withPatientOptions(new Command('disclosures'))
    .description('Who was told what about a patient outside of treatment, payment and operations (45 CFR 164.528).')
    .option('--from <time>', `from this moment, ${accountingYears} years back at most, such as 2026-03-01T00:00:00Z`)
    .option('--to <time>', 'to this moment')
    .addHelpText(
      'after',
      '\nExample: npx tandem audit disclosures --patient VENDOR-ID --stage production\n' +
        'Exit codes: 0 done, 1 records could not be read, 2 not possible. That you asked is recorded with the patient.',
    )
    .action((options: DisclosuresOptions) => disclosures(options, () => findDeployment(options.stage)));
}

/** `tandem audit record-disclosure`: one that Tandem cannot know of. */
export function recordDisclosureCommand(): Command {
  return withDeploymentOptions(new Command('record-disclosure'))
    .description('Writes down a disclosure that was made elsewhere, so that the accounting of disclosures holds it.')
    .requiredOption('--patient <id>', 'the patient, by the id that the programme uses')
    .requiredOption('--recipient <text>', 'who received it')
    .option('--address <text>', 'the address of the recipient, if it is known')
    .requiredOption('--what <text>', 'a brief description of what was disclosed')
    .requiredOption('--purpose <text>', 'a brief statement of the purpose, or of whose request it was')
    .requiredOption('--at <time>', 'when it was made, such as 2026-03-02T15:00:00Z')
    .addHelpText(
      'after',
      '\nExample: npx tandem audit record-disclosure --patient VENDOR-ID --recipient "County Health Department" ' +
        '--what "a case report" --purpose "required by state law" --at 2026-03-02T15:00:00Z --stage production',
    )
    .action((options: RecordOptions) => recordDisclosure(options, () => findDeployment(options.stage)));
}

/** @throws Refused with what to do instead. */
export async function disclosures(options: DisclosuresOptions, find: FindDeployment): Promise<void> {
  const asked = { from: instantOption(options.from, '--from'), to: instantOption(options.to, '--to') };
  const whose = patientOrExport(options);
  const clinic = clinicOf(options.clinic);
  const { timeZone } = clinic.settings;
  const now = new Date().toISOString();
  const span = accountingSpan(asked, now, timeZone);
  const reading =
    'file' in whose
      ? await patientOfExport(whose.file, whose.keys, options.chain)
      : await onDeployment(whose.patient, openAudit(await find(), clinic), span, now);
  const found = accountingOf(reading.records, span);
  process.stdout.write(
    options.json === true
      ? found.map((one) => `${JSON.stringify(one)}\n`).join('')
      : accountingText(found, span, timeZone, asked.from !== null && asked.from < span.from),
  );
  process.stderr.write(unreadableText(reading.unreadable));
  process.exitCode = reading.unreadable.length === 0 ? 0 : 1;
}

async function onDeployment(
  patient: string,
  ports: ReturnType<typeof openAudit>,
  span: { from: string; to: string },
  now: string,
) {
  const id = await ports.pseudonyms.patient(patient);
  const reason = 'an accounting of disclosures, 45 CFR 164.528';
  await noteOn(ports, id, lookRecord('audit.disclosures', reason, await ports.accessKeyId(), span), now);
  return readingOf(chainRecords(ports.reader, id));
}

/** @throws Refused with what to do instead. */
export async function recordDisclosure(options: RecordOptions, find: FindDeployment): Promise<void> {
  const { patient, recipient, address = null, what, purpose, at } = options;
  const parsed = disclosureSchema.safeParse({ at, recipient, address, what, purpose });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refused(`--${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`);
  }
  const now = new Date().toISOString();
  if (parsed.data.at > now) throw new Refused('--at: write when it was made, not when it will be');
  const ports = openAudit(await find(), clinicOf(options.clinic));
  const by = { who: userInfo().username, accessKeyId: await ports.accessKeyId() };
  await noteOn(ports, await ports.pseudonyms.patient(patient), disclosureRecord(parsed.data, by), now);
  process.stdout.write('recorded: the accounting of disclosures holds it\n');
}

function accountingText(
  found: readonly Disclosure[],
  { from, to }: { readonly from: string; readonly to: string },
  timeZone: string,
  isShortened: boolean,
): string {
  const rows = found.map(({ at, recipient, address, what, purpose }) => [
    dateInWords(at, timeZone),
    recipient,
    address ?? '',
    what,
    purpose,
  ]);
  return [
    `Disclosures from ${dateInWords(from, timeZone)} to ${dateInWords(to, timeZone)} (${timeZone}), 45 CFR 164.528`,
    ...(isShortened ? [`An accounting goes back ${accountingYears} years at most.`] : []),
    rows.length === 0 ? 'None.' : table(['date', 'recipient', 'address', 'what', 'purpose'], rows),
    'Not listed: treatment, payment and operations, and what the patient received.',
    '',
  ].join('\n');
}
