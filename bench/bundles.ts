import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Figure } from './run.ts';

const functions = fileURLToPath(new URL('../functions', import.meta.url));

/** The size of each function as deployed, and how long a fresh process of this Node takes to import it. */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const names = readdirSync(functions).filter((name) => {
    const file = join(functions, name, 'handler.ts');
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  });
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
      value: importTime(outfile),
      unit: 'ms',
      aim: 150,
      note: 'best of 5, this machine, not Lambda',
    });
  }
  rmSync(folder, { recursive: true });
  return figures;
}

function importTime(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}).catch(() => {}); console.log(performance.now() - start);`;
  const times = Array.from({ length: 5 }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })),
  );
  return Math.min(...times);
}
