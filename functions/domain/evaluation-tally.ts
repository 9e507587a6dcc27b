/** A decision of the past whose outcome is known by now. */
export interface KnownCase {
  readonly score: number;
  readonly outcome: boolean;
}

/** How many with and without the outcome had each score; scores ascending. Every figure of an evaluation follows from it. */
export type Tally = readonly { readonly score: number; readonly having: number; readonly lacking: number }[];

export function tallyOf(cases: readonly KnownCase[]): Tally {
  const counts = new Map<number, { score: number; having: number; lacking: number }>();
  for (const { score, outcome } of cases) {
    const count = counts.get(score) ?? { score, having: 0, lacking: 0 };
    count[outcome ? 'having' : 'lacking']++;
    counts.set(score, count);
  }
  return [...counts.values()].toSorted((a, b) => a.score - b.score);
}

/** Area under the ROC curve: the chance that one with the outcome scores higher than one without; ties count half. */
export function auc(tally: Tally): number | null {
  let having = 0;
  let lacking = 0;
  let wins = 0;
  for (const one of tally) {
    wins += one.having * (lacking + one.lacking / 2);
    having += one.having;
    lacking += one.lacking;
  }
  return having === 0 || lacking === 0 ? null : wins / (having * lacking);
}

/** What a flag from a score on gets right. Shares are from 0 to 1; null where there is nobody to divide by. */
export interface Accuracy {
  readonly flagged: number;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  /** Of those flagged, how many had the outcome. */
  readonly ppv: number | null;
  /** Mean of sensitivity and specificity. */
  readonly balancedAccuracy: number | null;
}

export function accuracyAt(tally: Tally, threshold: number): Accuracy {
  const all = { having: 0, lacking: 0 };
  const flagged = { having: 0, lacking: 0 };
  for (const { score, having, lacking } of tally) {
    all.having += having;
    all.lacking += lacking;
    if (score < threshold) continue;
    flagged.having += having;
    flagged.lacking += lacking;
  }
  const sensitivity = share(flagged.having, all.having);
  const specificity = share(all.lacking - flagged.lacking, all.lacking);
  return {
    flagged: flagged.having + flagged.lacking,
    sensitivity,
    specificity,
    ppv: share(flagged.having, flagged.having + flagged.lacking),
    balancedAccuracy: sensitivity === null || specificity === null ? null : (sensitivity + specificity) / 2,
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
