/** How deep a value may be nested. A FHIR questionnaire, two levels to a group, stays far below. */
export const deepestNesting = 64;

/** What a value weighs as JSON text, and what in it cannot be kept as such. */
export interface JsonWeight {
  /** Bytes of the compact JSON text in UTF-8; where it is more than the largest allowed, some number above that. */
  readonly bytes: number;
  readonly unfit: readonly { readonly path: readonly string[]; readonly message: string }[];
}

/**
 * Weighs a value before anything expensive is done with it: stops at `largest` bytes and at `deepestNesting`, whatever
 * comes. Unfit are what RFC 8785 cannot write (a lone surrogate, a number beyond the range of JSON's readers), what is not JSON at all,
 * and a field named "__proto__", which some code would take for something else.
 */
export function weighJson(value: unknown, largest: number): JsonWeight {
  let bytes = 0;
  const unfit: { path: readonly string[]; message: string }[] = [];
  const refuse = (path: readonly string[], message: string) => {
    unfit.push({ path, message });
  };

  const weighText = (text: string, path: readonly string[]) => {
    // A text has at least as many bytes as UTF-16 units: no need to look into one that is too long.
    bytes += text.length > largest ? text.length : Buffer.byteLength(JSON.stringify(text));
    if (bytes <= largest && !text.isWellFormed())
      refuse(path, 'holds text that is not well-formed Unicode: write whole characters');
  };

  const weighFields = (fields: object, path: readonly string[]) => {
    bytes += '{}'.length;
    let separator = 0;
    for (const [name, field] of Object.entries(fields)) {
      // As JSON.stringify does: a field without a value is not written.
      if (field === undefined) continue;
      bytes += separator + ':'.length;
      separator = ','.length;
      weighText(name, path);
      if (name === '__proto__') refuse([...path, name], 'is not a known field: leave it out');
      else weigh(field, [...path, name]);
      if (bytes > largest) return;
    }
  };

  const weighItems = (items: readonly unknown[], path: readonly string[]) => {
    bytes += '[]'.length + Math.max(items.length - 1, 0);
    for (const [index, item] of items.entries()) {
      weigh(item, [...path, String(index)]);
      if (bytes > largest) return;
    }
  };

  const weigh = (part: unknown, path: readonly string[]): void => {
    if (typeof part === 'string') weighText(part, path);
    else if (part === null || typeof part === 'boolean') bytes += String(part).length;
    else if (typeof part === 'number') {
      bytes += String(part).length;
      if (!Number.isFinite(part)) refuse(path, 'is not a number that can be kept: write one of at most 1e308');
    } else if (typeof part !== 'object') refuse(path, 'is not JSON: write a text, a number, a list or an object');
    else if (path.length === deepestNesting)
      refuse(path.slice(0, 3), `is nested deeper than ${deepestNesting} levels: write it flatter`);
    else if (!Array.isArray(part)) weighFields(part, path);
    else weighItems(part, path);
  };

  weigh(value, []);
  return { bytes, unfit };
}
