import { existsSync, readFileSync } from 'node:fs';

const folder = new URL('../../shared/data/', import.meta.url);

/** Outside data lies beside the project, never in it; where it is absent, its tests are skipped. */
export const hasOutsideData = existsSync(folder);

/** A CSV file as one object a row. Quoted cells may hold commas. */
export function outsideRows(file: string): Record<string, string>[] {
  const [header = [], ...rows] = readFileSync(new URL(file, folder), 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map((cell) => cell[1] ?? cell[2] ?? ''));
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
}

/** Area under the ROC curve: the chance that one who has the outcome scores higher than one who has not; ties count half. */
export function auc(cases: readonly { readonly score: number; readonly outcome: boolean }[]): number {
  const having = cases.filter(({ outcome }) => outcome);
  const lacking = cases.filter(({ outcome }) => !outcome);
  let wins = 0;
  for (const one of having)
    for (const other of lacking) wins += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
  return wins / (having.length * lacking.length);
}

/** Mean of sensitivity and specificity of a flag. */
export function balancedAccuracy(cases: readonly { readonly flag: boolean; readonly outcome: boolean }[]): number {
  const share = (outcome: boolean) => {
    const group = cases.filter((one) => one.outcome === outcome);
    return group.filter(({ flag }) => flag === outcome).length / group.length;
  };
  return (share(true) + share(false)) / 2;
}
