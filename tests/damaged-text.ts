import fc from 'fast-check';

/** One thing that happens to a text on its way. Places are parts of a thousand of the text's length. */
type Damage =
  | { readonly what: 'cut' | 'double' | 'move'; readonly from: number; readonly length: number; readonly to: number }
  | { readonly what: 'insert' | 'overwrite'; readonly at: number; readonly text: string }
  | { readonly what: 'end'; readonly at: number };

const place = fc.integer({ min: 0, max: 999 });

/**
 * The same text, damaged at one to four places.
 * @param pieces what may stand in it where it does not belong
 */
export function damagedText(texts: readonly string[], pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 }));
  const damage: fc.Arbitrary<Damage> = fc.oneof(
    fc.record({
      what: fc.constantFrom('cut' as const, 'double' as const, 'move' as const),
      from: place,
      length: fc.integer({ min: 1, max: 200 }),
      to: place,
    }),
    fc.record({ what: fc.constantFrom('insert' as const, 'overwrite' as const), at: place, text: piece }),
    fc.record({ what: fc.constant('end' as const), at: place }),
  );
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([text, damages]) => damages.reduce(damaged, text));
}

function damaged(text: string, damage: Damage): string {
  const at = (part: number) => Math.floor((text.length * part) / 1000);
  switch (damage.what) {
    case 'end':
      return text.slice(0, at(damage.at));
    case 'insert':
      return text.slice(0, at(damage.at)) + damage.text + text.slice(at(damage.at));
    case 'overwrite':
      return text.slice(0, at(damage.at)) + damage.text + text.slice(at(damage.at) + damage.text.length);
    default: {
      const slice = text.slice(at(damage.from), at(damage.from) + damage.length);
      if (damage.what === 'double') return text.slice(0, at(damage.to)) + slice + text.slice(at(damage.to));
      const rest = text.slice(0, at(damage.from)) + text.slice(at(damage.from) + damage.length);
      return damage.what === 'cut' ? rest : rest.slice(0, at(damage.to)) + slice + rest.slice(at(damage.to));
    }
  }
}
