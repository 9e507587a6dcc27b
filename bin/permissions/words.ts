import type { StackTemplate } from './templates.ts';

/** Says what an intrinsic of one stack's template refers to: "Data/CareTable", "Data/CareTable/index/due", or a text as it is. */
export type Words = (value: unknown) => string;

const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': 'ACCOUNT',
  'AWS::Partition': 'aws',
  'AWS::Region': 'REGION',
};

/**
 * @param all every stack, so that what one uses of another is named by its place there
 * @param region stands as REGION in the words
 */
export function wordsOf(stack: StackTemplate, all: readonly StackTemplate[], region: string): Words {
  const place = (id: string) => `${stack.part}/${stack.places.get(id) ?? id}`;
  const words: Words = (value) => {
    if (typeof value === 'string') return value.replaceAll(region, 'REGION');
    if (typeof value !== 'object' || value === null) return String(value);
    const [[kind, of] = []] = Object.entries(value);
    if (kind === 'Ref' && typeof of === 'string') return pseudo[of] ?? place(of);
    if (kind === 'Fn::GetAtt' && Array.isArray(of)) {
      const [id, attribute] = of.map(String);
      return `${place(id ?? '')}${/stream/i.test(attribute ?? '') ? '/stream' : ''}`;
    }
    if (kind === 'Fn::ImportValue') {
      const other = all.find(({ exports }) => exports.has(String(of)));
      if (other !== undefined) return wordsOf(other, all, region)(other.exports.get(String(of)));
    }
    if (kind === 'Fn::Join' && Array.isArray(of)) return of[1].map(words).join(String(of[0]));
    throw new Error(`say in bin/permissions/words.ts what ${JSON.stringify(value)} is in words`);
  };
  return words;
}
