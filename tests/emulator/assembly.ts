/** The synthesized local stage, made once for all suites and kept until a file it is made from changes. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, synthesize, workFolder } from '../../bin/emulator/emulator.ts';
import { oneAtATime } from '../../bin/emulator/one-at-a-time.ts';

const sources = ['functions', 'lib', 'bin', 'clinic', 'state-machines', 'console', 'cdk.json', 'package-lock.json'];
const home = join(workFolder, 'test-assembly');
const daysKept = 1;

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function versionOfSources(): string {
  const hash = createHash('sha256');
  const files = sources.flatMap((source) => filesUnder(join(projectRoot, source)));
  for (const file of files.toSorted()) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

function removeOld(): void {
  const oldest = Date.now() - daysKept * 24 * 60 * 60 * 1000;
  for (const name of readdirSync(home)) {
    if (statSync(join(home, name)).mtimeMs < oldest) rmSync(join(home, name), { recursive: true, force: true });
  }
}

/** The folder to deploy from. Suites that start at the same time wait for the first. */
export async function testAssembly(): Promise<string> {
  const assembly = join(home, versionOfSources());
  return oneAtATime(join(workFolder, 'test-assembly.lock'), async () => {
    if (!existsSync(assembly)) {
      const aside = `${assembly}.partial`;
      await synthesize({ outDir: aside, context: { stage: 'local' } });
      renameSync(aside, assembly);
      removeOld();
    }
    return assembly;
  });
}
