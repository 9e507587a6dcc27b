/**
 * The same text, and no more in memory than it. A piece that was cut out of a text keeps the whole of it: whoever keeps a chain's id
 * out of a file that is read piece by piece would keep the file.
 * @param text in ASCII.
 */
export function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
