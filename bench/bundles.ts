import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadClinic } from '../bin/clinic-folder.ts';
import type { Figure } from './run.ts';

const functions = fileURLToPath(new URL('../functions', import.meta.url));

/** The size of each function as deployed, and how long a fresh process of this Node takes to import it. */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const names = readdirSync(functions).filter((name) => {
    const file = join(functions, name, 'handler.ts');
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  });
  const loaded = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
  const clinicFile = join(folder, 'clinic.json');
  writeFileSync(clinicFile, JSON.stringify('clinic' in loaded ? loaded.clinic : null));
  const figures: Figure[] = [];
  for (const name of names) {
    const outfile = join(folder, `${name}.mjs`);
    // As lib/workflow-function.ts bundles.
    await build({
      entryPoints: [join(functions, name, 'handler.ts')],
      outfile,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      mainFields: ['module', 'main'],
      logLevel: 'error',
    });
    figures.push({ name: `${name}: bundle`, value: statSync(outfile).size / 1024, unit: 'kB' });
    figures.push({
      name: `${name}: cold import`,
      value: importTime(outfile, clinicFile),
      unit: 'ms',
      aim: 150,
      note: 'best of 5, this machine, not Lambda',
    });
  }
  rmSync(folder, { recursive: true });
  return figures;
}

function importTime(file: string, clinicFile: string): number {
  // What a deployment gives: without it a function would stop at its first line.
  const key = 'arn:aws:kms:eu-north-1:000000000000:key/1';
  const env = {
    ...process.env,
    AWS_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    CLINIC_FILE: clinicFile,
    ...Object.fromEntries(names.map((name) => [name, 'name'])),
    ...Object.fromEntries(arns.map((name) => [name, key])),
  };
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - start); process.exit(0);`;
  const times = Array.from({ length: 5 }, () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env, stdio: 'pipe' }),
    ),
  );
  return Math.min(...times);
}

const names = [
  'CARE_TABLE',
  'AUDIT_TABLE',
  'BUS_NAME',
  'LOG_BUCKET',
  'STAGING_BUCKET',
  'LOG_ORIGIN',
  'LOG_SINCE',
  'STAFF_TOPIC_PREFIX',
];
const arns = [
  'CARE_KEY_ARN',
  'AUDIT_KEY_ARN',
  'IDENTITY_KEY_ARN',
  'SIGNING_KEY_ARN',
  'OPERATIONS_TOPIC_ARN',
  'STAFF_TOPIC_PREFIX',
];
