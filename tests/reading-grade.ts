/**
 * Flesch-Kincaid grade of an English text: 0.39 words per sentence + 11.8 syllables per word - 15.59. Syllables are groups of
 * vowels, without a silent e at the end.
 */
export function readingGrade(text: string): number {
  const sentences = text.split(/[.:!?\n]+/).filter((one) => /[a-z]/i.test(one));
  const words = text.match(/[a-z']+/gi) ?? [];
  const syllables = words.reduce((sum, word) => {
    const vowels =
      word
        .toLowerCase()
        .replace(/(?<=[^aeiouyl])e$|(?<=[^td])ed$/, '')
        .match(/[aeiouy]+/g) ?? [];
    return sum + Math.max(1, vowels.length);
  }, 0);
  return 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
}
