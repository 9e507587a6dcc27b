import { createReadStream } from 'node:fs';

/** One line of NDJSON that is not empty: its value, or what is wrong with it. Lines count from 1. */
export type JsonLine =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly fault: string };

/** The longest line that is looked into, in bytes: far above the largest event, since a line may be written with blanks. */
export const longestLine = 1024 * 1024;

const lineFeed = 0x0a;

/** The bytes of a file, "-" for standard input. */
export function bytesOf(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file);
}

/**
 * Reads NDJSON line by line, whatever the size of the whole: no more than one line is held, and of one that is too long, nothing.
 * Lines end in LF or CRLF; a byte order mark is passed over, since some editors write one.
 */
export async function* jsonLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<JsonLine> {
  let line = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  const hold = (part: Uint8Array) => {
    length += part.length;
    if (length <= longestLine) parts.push(part);
    else parts = [];
  };
  const take = (): JsonLine[] => {
    const read = length > longestLine ? { fault: tooLong } : readLine(Buffer.concat(parts));
    const taken = read === null ? [] : [{ line, ...read }];
    line += 1;
    parts = [];
    length = 0;
    return taken;
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      hold(chunk.subarray(start, end));
      yield* take();
      start = end + 1;
    }
    hold(chunk.subarray(start));
  }
  yield* take();
}

const tooLong = `is longer than ${longestLine} bytes: write one event a line, each on its own`;

/** Null for an empty line. The parser's own words are not passed on: they quote the line. */
function readLine(bytes: Uint8Array): { readonly value: unknown } | { readonly fault: string } | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { fault: 'is not UTF-8 text: save the file as UTF-8' };
  }
  if (text.trim() === '') return null;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { fault: 'is not JSON: write one event on the line, as an object in braces' };
  }
}
