/**
 * `npm run bench`: what the machine at hand does, as figures to compare within one run. Prints a table and writes
 * bench/results.json with a description of the machine. No test depends on it.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What was aimed at, in the same unit; absent where there is none. */
  readonly aim?: number;
  readonly note?: string;
}

const parts: Record<string, () => Promise<{ run: () => Promise<Figure[]> }>> = {
  decide: () => import('./decide.ts'),
  reminders: () => import('./reminders.ts'),
  risk: () => import('./risk.ts'),
  'nightly scan': () => import('./nightly-scan.ts'),
  'audit verify': () => import('./audit-verify.ts'),
  bundles: () => import('./bundles.ts'),
};
const figures: Figure[] = [];
for (const [name, part] of Object.entries(parts)) {
  process.stderr.write(`${name} …\n`);
  const { run } = await part();
  figures.push(...(await run()));
}

const machine = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
};
const width = Math.max(...figures.map(({ name }) => name.length));
for (const { name, value, unit, aim, note } of figures) {
  const aimed = aim === undefined ? '' : `  (aim ${format(aim)})`;
  process.stdout.write(
    `${name.padEnd(width)}  ${format(value).padStart(12)} ${unit}${aimed}${note === undefined ? '' : `  ${note}`}\n`,
  );
}
writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify({ machine, figures }, null, 2)}\n`);

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}
