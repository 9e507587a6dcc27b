import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Clause, type ClauseGroup, hipaaMap } from './hipaa-map.ts';

/** docs/hipaa.md, from the map of clauses, controls and tests. */
export function hipaaDocs(groups: readonly ClauseGroup[] = hipaaMap): string {
  return [
    '# HIPAA: clause, control, test',
    '',
    'For a clinic’s security and compliance officers. Made from bin/hipaa-map.ts by `npx node bin/hipaa-docs.ts`; do not edit it by hand. A test',
    'checks that every test named here exists. The words of the clauses are shortened: the regulation decides. Software does not make',
    'anybody compliant; the last column says what stays with the clinic. What ran on AWS and what on an emulator only: README.md.',
    ...groups.flatMap(group),
    '',
  ].join('\n');
}

function group({ title, note, clauses }: ClauseGroup): string[] {
  return [
    '',
    `## ${title}`,
    ...(note === undefined ? [] : ['', note]),
    '',
    '| Clause | Asks | What Tandem does | Fails without it | Left to the clinic |',
    '|---|---|---|---|---|',
    ...clauses.map(row),
  ];
}

function row({ cite, asks, control, tests, clinic }: Clause): string {
  const proofs = tests.map(({ file, name }) => `[${name.replaceAll('|', '\\|')}](../tests/${file})`).join('<br>');
  return `| ${cite} | ${asks} | ${control} | ${proofs === '' ? 'nothing: not software’s' : proofs} | ${clinic ?? ''} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/hipaa.md', import.meta.url), hipaaDocs());
