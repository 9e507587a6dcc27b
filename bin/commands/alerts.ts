import { userInfo } from 'node:os';
import { Command } from 'commander';
import { snsClient } from '../../functions/adapters/clients.ts';
import { snsAlertMail } from '../../functions/adapters/sns/alert-mail.ts';
import { snsOperators } from '../../functions/adapters/sns/operators.ts';
import type { Alert, Evidence } from '../../functions/domain/alert.ts';
import type { AlertAnswer, AlertTrigger } from '../../functions/domain/alert-lifecycle.ts';
import { outcomeSchema, type SnoozeReason, snoozeReasons } from '../../functions/domain/alert-outcome.ts';
import { historyOf } from '../../functions/domain/alert-view.ts';
import { tiers } from '../../functions/domain/escalation-plan.ts';
import { instantSchema } from '../../functions/domain/event.ts';
import { momentInWords } from '../../functions/domain/local-words.ts';
import type { AlertPlace } from '../../functions/ports/alert-index.ts';
import { type Answered, answerAlert } from '../alert-answers.ts';
import { type DeploymentOptions, Refused, withDeploymentOptions } from '../deployment.ts';
import { emergencyLook } from '../emergency-look.ts';
import { openDeployment } from '../open-deployment.ts';
import { table } from '../table.ts';

type Options = DeploymentOptions & { readonly json?: true };
type PersonOptions = Options & { readonly as: string };
type AnswerOptions = PersonOptions & { readonly read: string };

const exitCodes =
  '\nExit codes: 0 done, 2 refused: the line says why. Every look and every answer is recorded, a refusal too.';

/** `tandem alerts`: open alerts, and answers that a person gives through somebody with rights in the account. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .description('open alerts: list, look at one, answer it for a person who cannot reach the portal')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(ackCommand())
    .addCommand(snoozeCommand())
    .addCommand(resolveCommand());
}

function listCommand(): Command {
  return withDeploymentOptions(new Command('list'))
    .description('every open alert: its id, how urgent it is, when something happens next; opens no patient’s record')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', '\nExample: npx tandem alerts list --stage production')
    .action(async (options: Options) => {
      const { alertIndex, clinic } = await openDeployment(options.stage, options.clinic);
      const rows: { id: string; tier: string; dueAt: string }[] = [];
      for (const tier of tiers) {
        let cursor: string | null = null;
        do {
          const page: { places: AlertPlace[]; cursor: string | null } = await alertIndex.due(tier, null, cursor);
          rows.push(...page.places.map(({ alert, dueAt }) => ({ id: alert, tier, dueAt })));
          cursor = page.cursor;
        } while (cursor !== null);
      }
      process.stdout.write(
        options.json === true
          ? rows.map((row) => `${JSON.stringify(row)}\n`).join('')
          : `${table(
              ['alert', 'tier', 'next'],
              rows.map(({ id, tier, dueAt }) => [id, tier, momentInWords(dueAt, clinic.settings.timeZone)]),
            )}\n${rows.length} open\n`,
      );
    });
}

function showCommand(): Command {
  return forPerson('show', 'what an alert is about, as this person may see it')
    .option(
      '--emergency <reason>',
      'for somebody on the staff list who may not see it but cannot wait: why; operators and compliance are told, and it is reviewed',
    )
    .addHelpText('after', `\nExample: npx tandem alerts show a-1f… --as s-1 --stage production${exitCodes}`)
    .action((id: string, options: PersonOptions & { readonly emergency?: string }) =>
      options.emergency === undefined
        ? tell(id, options, { kind: 'seen', ...personOf(options) })
        : breakGlass(id, options, options.emergency),
    );
}

function ackCommand(): Command {
  return forAnswer('ack', 'acknowledge an alert: this person has it, nobody else is asked')
    .addHelpText('after', `\nExample: npx tandem alerts ack a-1f… --as s-1 --read 1 --stage production${exitCodes}`)
    .action((id: string, options: AnswerOptions) => tell(id, options, { kind: 'acknowledge', ...answerOf(options) }));
}

function snoozeCommand(): Command {
  return forAnswer('snooze', 'put an alert off, as long as the plan allows; what is urgent cannot be put off')
    .requiredOption('--until <instant>', 'when it is asked again, such as 2026-03-02T15:00:00Z')
    .requiredOption('--reason <code>', snoozeReasons.join(', '))
    .addHelpText(
      'after',
      `\nExample: npx tandem alerts snooze a-1f… --as s-1 --read 1 --until 2026-03-02T15:00:00Z --reason in-contact${exitCodes}`,
    )
    .action((id: string, options: AnswerOptions & { until: string; reason: string }) => {
      const until = instantSchema.safeParse(options.until);
      if (!until.success) throw new Refused('--until: write an instant such as 2026-03-02T15:00:00Z');
      const reason = snoozeReasons.find((code): code is SnoozeReason => code === options.reason);
      if (reason === undefined) throw new Refused(`--reason: write one of ${snoozeReasons.join(', ')}`);
      return tell(id, options, { kind: 'snooze', until: until.data, reason, ...answerOf(options) });
    });
}

const outcomeCodes = outcomeSchema.options.map(({ shape }) => shape.code.value);

function resolveCommand(): Command {
  return forAnswer('resolve', 'say what became of an alert, which ends it (not-reached: until the next try)')
    .requiredOption('--outcome <code>', outcomeCodes.join(', '))
    .option('--next-try <instant>', 'not-reached: when it is tried again')
    .option('--why <text>', 'no-action-needed: why')
    .option('--disclosed-to <text>', 'referred, where it is not treatment: who received it')
    .option('--disclosed <text>', 'referred, where it is not treatment: what was disclosed')
    .option('--purpose <text>', 'referred, where it is not treatment: for which purpose')
    .addHelpText(
      'after',
      `\nExample: npx tandem alerts resolve a-1f… --as s-1 --read 1 --outcome reached --stage production${exitCodes}`,
    )
    .action((id: string, options: AnswerOptions & OutcomeOptions) =>
      tell(id, options, { kind: 'resolve', outcome: outcomeOf(options), ...answerOf(options) }),
    );
}

interface OutcomeOptions {
  readonly outcome: string;
  readonly nextTry?: string;
  readonly why?: string;
  readonly disclosedTo?: string;
  readonly disclosed?: string;
  readonly purpose?: string;
}

/** @throws Refused naming the option that is missing or wrong. */
export function outcomeOf({ outcome, nextTry, why, disclosedTo, disclosed, purpose }: OutcomeOptions) {
  const disclosure =
    disclosedTo === undefined && disclosed === undefined && purpose === undefined
      ? null
      : { recipient: disclosedTo, what: disclosed, purpose };
  const parsed = outcomeSchema.safeParse({
    code: outcome,
    ...(nextTry === undefined ? {} : { nextTry }),
    ...(why === undefined ? {} : { why }),
    ...(outcome === 'referred' || disclosure !== null ? { disclosure } : {}),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refused(`--outcome ${outcomeCodes.join('|')}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function forPerson(name: string, description: string): Command {
  return withDeploymentOptions(new Command(name))
    .description(description)
    .argument('<id>', 'the alert’s id')
    .requiredOption('--as <staff>', 'the staff id of the person who looks or answers')
    .option('--json', 'print one JSON object');
}

function forAnswer(name: string, description: string): Command {
  return forPerson(name, description).requiredOption(
    '--read <version>',
    'the version that "alerts show" printed: an alert that has changed since is not answered blindly',
  );
}

/** Whoever types it stands in the record beside the person who answers. */
function personOf({ as: by }: PersonOptions) {
  return { by, enteredBy: userInfo().username, source: 'command line' };
}

function answerOf(options: AnswerOptions): Pick<AlertAnswer, 'by' | 'enteredBy' | 'source' | 'version'> {
  if (!/^[1-9]\d{0,8}$/.test(options.read)) throw new Refused('--read: write the version that "alerts show" printed');
  return { ...personOf(options), version: Number(options.read) };
}

async function tell(id: string, options: PersonOptions, trigger: AlertTrigger): Promise<void> {
  const ports = await openDeployment(options.stage, options.clinic);
  const answered = await answerAlert(ports, id, trigger, new Date().toISOString());
  const { result, reason, alert } = answered;
  if (options.json === true) process.stdout.write(`${JSON.stringify({ result, reason, alert })}\n`);
  else if (result.startsWith('refused')) throw new Refused(`not done: ${reason}`);
  else process.stdout.write(`${inWords(answered, ports.clinic.settings.timeZone)}\n`);
  process.exitCode = result.startsWith('refused') ? 2 : 0;
}

/** One message to each of a few people keeps below SNS's limit by itself. */
const unpaced = () => Promise.resolve();

/** The alert is shown even where nobody can be told: it stands in the audit, and whoever asked is told to tell them. */
async function breakGlass(id: string, options: PersonOptions, reason: string): Promise<void> {
  const { deployment, ...ports } = await openDeployment(options.stage, options.clinic);
  const { OperationsTopicArn = '', StaffTopicPrefix: topicPrefix = '' } = deployment.outputs;
  const operators = snsOperators(snsClient(), OperationsTopicArn);
  const alertMail = snsAlertMail({ client: snsClient(), topicPrefix, plan: ports.clinic.escalation, pace: unpaced });
  const look = { ...personOf(options), alert: id, reason };
  const { alert, untold } = await emergencyLook({ ...ports, operators, alertMail }, look, new Date().toISOString());
  if (options.json === true) process.stdout.write(`${JSON.stringify({ result: 'done', alert })}\n`);
  else
    process.stdout.write(
      `${alert === null ? 'the alert has ended' : alertInWords(alert, ports.clinic.settings.timeZone)}\n`,
    );
  if (untold)
    process.stderr.write(
      'the operators or the compliance officer could not be told: tell them yourself that you opened this alert\n',
    );
}

/** An answer, or the alert itself, for a person, by the clinic's clock. */
export function inWords({ reason, alert }: Answered, timeZone: string): string {
  return alert === null ? reason : `${reason}\n${alertInWords(alert, timeZone)}`;
}

function alertInWords(alert: Alert, timeZone: string): string {
  const on = (at: string) => momentInWords(at, timeZone);
  const lines = [
    ['alert', alert.id],
    ['about', `${alert.cause}, ${alert.tier}`],
    ['status', `${alert.status}, version ${alert.version}`],
    ['since', on(alert.raisedAt)],
    ['next', alert.nextActionAt === null ? '-' : on(alert.nextActionAt)],
    ['asked', alert.asked.join(', ') || '-'],
    ['acknowledged by', alert.acknowledgedBy.join(', ') || '-'],
    ...alert.evidence.map((one) => ['because', `${on(one.at)}: ${evidenceInWords(one)}`]),
    ...historyOf(alert).map(({ at, what, who }) => [
      'history',
      `${on(at)}: ${what}${who === 'tandem' ? '' : ` (${who})`}`,
    ]),
  ];
  return lines.map(([name = '', value = '']) => `  ${name.padEnd(16)}${value}`).join('\n');
}

function evidenceInWords(evidence: Evidence): string {
  if (evidence.basis === 'assessment') return `level ${evidence.level}, score ${evidence.score}`;
  if (evidence.basis === 'reminders')
    return `${evidence.unanswered} reminders in a row without an answer: no more are sent`;
  const { measure, previous, answer } = evidence;
  const before = previous === null ? 'never asked before' : `before: ${previous}`;
  return `${measure}, safety item: ${answer ?? 'could not be read'} (${before})`;
}
