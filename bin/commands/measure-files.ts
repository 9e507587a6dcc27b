import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Measure, measureSchema } from '../../functions/domain/measure.ts';

/** The measures that come with the project, which a clinic edits. */
export const clinicMeasures = fileURLToPath(new URL('../../clinic/measures/', import.meta.url));

/** The measures of a folder, in the order of their file names. Throws with one line for each fault. */
export function loadMeasures(folder: string): Measure[] {
  const faults: string[] = [];
  const measures: Measure[] = [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  for (const file of files.toSorted()) {
    const parsed = measureSchema.safeParse(parse(readFileSync(join(folder, file), 'utf8')));
    if (parsed.success) measures.push(parsed.data);
    else for (const { path, message } of parsed.error.issues) faults.push(`${file}: ${path.join('.')}: ${message}`);
  }
  if (faults.length > 0)
    throw new Error(`The measures have faults. tandem check shows the lines.\n${faults.join('\n')}`);
  if (measures.length === 0)
    throw new Error('The folder of measures holds no .yaml file: give one that does with --measures.');
  return measures;
}
