import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clinicFolder } from './example-clinic.ts';

/** A copy of the shipped clinic folder that a test may break; remove it afterwards. */
export function copyOfClinic(): {
  folder: string;
  read(file: string): string;
  write(file: string, text: string): void;
  remove(): void;
} {
  const folder = join(mkdtempSync(join(tmpdir(), 'tandem-clinic-')), 'clinic');
  cpSync(clinicFolder, folder, { recursive: true });
  return {
    folder,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    write: (file, text) => writeFileSync(join(folder, file), text),
    remove: () => rmSync(join(folder, '..'), { recursive: true }),
  };
}
