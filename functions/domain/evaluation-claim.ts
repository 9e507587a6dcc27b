/** Fewer patients overstate accuracy (Zantvoort 2024). */
export const fewestPatients = 500;
/** The bar for a useful flag (Forsell 2022, PMC9253627). */
export const leastBalancedAccuracy = 0.67;

/** What a claim of accuracy would rest on. */
export interface Evidence {
  readonly patients: number;
  readonly balancedAccuracy: number | null;
  readonly simulated: boolean;
  /** Whether the rules were made without these patients. */
  readonly heldOut: boolean;
}

/** Why no claim of accuracy can be made, in words; none: it can. A probability is shown only where it has been earned so. */
export function claimFaults({ patients, balancedAccuracy, simulated, heldOut }: Evidence): string[] {
  return [
    ...(simulated ? ['the patients are simulated: nothing here says how it goes with real ones'] : []),
    ...(heldOut ? [] : ['the rules were fitted to these very patients: only others can check them']),
    ...(patients < fewestPatients ? [`${patients} patients are fewer than ${fewestPatients}`] : []),
    ...(balancedAccuracy === null
      ? ['balanced accuracy cannot be told: it needs patients with and without the outcome']
      : balancedAccuracy < leastBalancedAccuracy
        ? [`balanced accuracy ${percent(balancedAccuracy)} is below ${percent(leastBalancedAccuracy)}`]
        : []),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
