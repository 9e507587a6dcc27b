import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadClinic } from '../bin/clinic-folder.ts';
import * as environments from '../functions/adapters/environment.ts';
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
  mkdirSync(join(folder, 'page'));
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html>');
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

/** What any function asks for. */
const everyVariable = Object.values(environments).flatMap((one) => ('shape' in one ? Object.keys(one.shape) : []));

function importTime(file: string, clinicFile: string): number {
  // What a deployment gives: without it a function would stop at its first line.
  const key = 'arn:aws:kms:eu-north-1:000000000000:key/1';
  const env = {
    ...process.env,
    AWS_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    ...Object.fromEntries(
      everyVariable.map((name) => [name, name.startsWith('SIGN_IN') ? 'https://login.example' : key]),
    ),
    CLINIC_FILE: clinicFile,
    PAGE_FOLDER: join(dirname(clinicFile), 'page'),
  };
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - start); process.exit(0);`;
  const times = Array.from({ length: 5 }, () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env, stdio: 'pipe' }),
    ),
  );
  return Math.min(...times);
}
