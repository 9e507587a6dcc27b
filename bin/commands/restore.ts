import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Command } from 'commander';
import { reconcilePortsOf } from '../../functions/adapters/compose.ts';
import { reconcileAll } from '../../functions/audit-reconcile/reconcile.ts';
import { readInstant } from '../../functions/domain/instant.ts';
import type { Discrepancy } from '../../functions/domain/reconciliation.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { progressOn } from '../progress.ts';
import { type Patience, protectAs, restoreToMoment, untilActive } from '../restore/restored-table.ts';

/** The names of the two tables. */
interface Tables {
  readonly care: string;
  readonly audit: string;
}
type Which = keyof Tables;

/** Looks every five seconds, for six hours. */
const patient: Patience = { pause: () => sleep(5000), looks: (6 * 3600) / 5 };

interface Options extends DeploymentOptions {
  readonly at?: string;
  readonly as?: string;
  readonly table?: string;
  readonly json?: true;
}

export function restoreCommand(): Command {
  return withDeploymentOptions(new Command('restore'))
    .description('bring a table back as it was, as a new table beside it, and compare it with the other one')
    .argument('<table>', 'care or audit')
    .option('--at <instant>', 'as it was at this moment; without it, as late as can be had')
    .option('--as <name>', 'the name of the new table; without it, the old name with the moment')
    .option('--table <name>', 'a table that was restored already, such as from the vault: protect and compare it')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample: npx tandem restore care --at 2026-03-02T09:00:00Z --stage production\n' +
        'Nothing is overwritten. Exit codes: 0 restored and of one mind with the other table, 1 they disagree, 2 not possible.',
    )
    .action(async (which: string, options: Options) => {
      const progress = progressOn(process.stderr, options.json === true);
      if (!isTable(which)) throw new Refused('name the table to bring back: care or audit');
      const { outputs } = await findDeployment(options.stage);
      const [care, audit] = [outputs['CareTable'], outputs['AuditTable']];
      if (care === undefined || audit === undefined)
        throw new Refused(`the stacks of ${options.stage} name no tables: deploy them first`);
      const restored = await restore(which, { care, audit }, options, (text) => progress.step(text), patient);
      progress.end();
      process.stdout.write(options.json === true ? `${JSON.stringify(restored)}\n` : inWords(restored));
      process.exitCode = restored.discrepancies.length === 0 ? 0 : 1;
    });
}

export interface Restored {
  readonly which: Which;
  readonly table: string;
  /** Of the care table: the stream that workflows follow. */
  readonly stream: string | null;
  readonly chains: number;
  readonly discrepancies: readonly Discrepancy[];
}

/** @param deployed the names of the two tables that are in use. */
export async function restore(
  which: Which,
  deployed: Tables,
  options: Pick<Options, 'at' | 'as' | 'table'>,
  step: (text: string) => void,
  patience: Patience,
): Promise<Restored> {
  const at = momentOf(options.at);
  const source = deployed[which];
  const client = new DynamoDBClient({});
  const table = options.table ?? options.as ?? nameOf(source, at ?? new Date());
  if (options.table === undefined) {
    step(`restoring ${table}`);
    await restoreToMoment(client, source, table, at);
  }
  await untilActive(client, table, patience);
  step('protecting it as the old one is');
  const { LatestStreamArn } = await protectAs(client, table, source, patience);
  step('comparing every state with its audit records');
  const { care, audit }: Tables = which === 'care' ? { ...deployed, care: table } : { ...deployed, audit: table };
  const ports = reconcilePortsOf({ CARE_TABLE: care, AUDIT_TABLE: audit });
  const { chains, discrepancies } = await reconcileAll(ports, null);
  return { which, table, stream: which === 'care' ? (LatestStreamArn ?? null) : null, chains, discrepancies };
}

function isTable(text: string): text is Which {
  return text === 'care' || text === 'audit';
}

function momentOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const instant = readInstant(text);
  if (instant === null) throw new Refused('--at: write a date-time with its offset, such as 2026-03-02T09:00:00Z');
  return new Date(instant);
}

function nameOf(source: string, at: Date): string {
  return `${source}-${at
    .toISOString()
    .replace(/[^0-9]/g, '')
    .slice(0, 12)}`;
}

/** How many disagreements are printed: `--json` has them all. */
const shown = 20;

function inWords({ which, table, stream, chains, discrepancies }: Restored): string {
  const found =
    discrepancies.length === 0
      ? [`${chains} states compared with their audit records: of one mind.`]
      : [
          `${discrepancies.length} of ${chains} states do not agree with their audit records:`,
          ...discrepancies
            .slice(0, shown)
            .map(({ chain, sequence, kind }) => `  ${kind}: ${chain}, number ${sequence}`),
          'A table brought back alone lacks what was committed since; read docs/operations.md#restoring-a-table before you use it.',
        ];
  return [
    `${table} stands beside the old table, and nothing uses it yet.`,
    ...found,
    'To use it, write under "deployment:" of clinic.yaml and deploy:',
    '  tables:',
    `    ${which}: ${table}`,
    ...(stream === null ? [] : [`    careStream: ${stream}`]),
    '',
  ].join('\n');
}
