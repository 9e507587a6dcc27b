import type { Chance } from '../simulate/chance.ts';

const count = 5;

/** Five parts, each with its share of those who had the outcome, and for each part the rest. */
export function folded<T extends { readonly outcome: boolean }>(
  rows: readonly T[],
  chance: Chance,
): { readonly rest: T[]; readonly part: T[] }[] {
  const dealt = [true, false]
    .flatMap((outcome) =>
      shuffled(
        rows.filter((row) => row.outcome === outcome),
        chance,
      ),
    )
    .map((row, index) => ({ row, fold: index % count }));
  return Array.from({ length: count }, (_, fold) => ({
    rest: dealt.filter((one) => one.fold !== fold).map(({ row }) => row),
    part: dealt.filter((one) => one.fold === fold).map(({ row }) => row),
  }));
}

/** Fisher and Yates. */
function shuffled<T>(rows: readonly T[], chance: Chance): T[] {
  const mixed = [...rows];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = chance.whole(0, last);
    const [a, b] = [mixed[last], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[last], mixed[other]] = [b, a];
  }
  return mixed;
}
