import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The lines of a file, "-" for standard input, one at a time, whatever the size of the whole. Empty ones are left out. */
export async function* linesOf(file: string): AsyncGenerator<{ line: number; text: string }> {
  const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    const content = line === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (content.trim() !== '') yield { line, text: content };
  }
}
