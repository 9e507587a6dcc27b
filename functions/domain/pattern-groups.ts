/** What a pattern caught: the whole, then its groups. */
type Groups = readonly [string, ...(readonly [string, string, string, string, string, string]), ...string[]];

/**
 * Reads a text by a pattern; null where it does not match. Take no more groups than the pattern has, and let none of them be
 * optional: write ((?:...)?), which catches an empty text.
 */
export function groupsOf(pattern: RegExp, text: string): Groups | null {
  const match: readonly string[] | null = pattern.exec(text);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller knows the pattern, the type does not
  return match as Groups | null;
}
