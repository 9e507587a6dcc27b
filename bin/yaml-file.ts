import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

/** Lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlFault extends Place {
  readonly message: string;
}

export interface YamlFile {
  /** What the file says; undefined where it cannot be told. */
  readonly value: unknown;
  readonly faults: readonly YamlFault[];
  /** Where a setting stands: at its key, or at the nearest thing around it where it is missing. */
  placeOf(path: readonly (string | number)[]): Place;
}

/** A clinic's file is a few kilobytes: anything above this is something else, and the parser's time grows with its square. */
const largestFileCharacters = 64 * 1024;

/** Reads YAML 1.2 without anchors, aliases and tags: a clinic's file means what stands on the line, and cannot swell. */
export function readYaml(text: string): YamlFile {
  const top = { line: 1, column: 1 };
  const unreadable = (message: string) => ({ value: undefined, faults: [{ ...top, message }], placeOf: () => top });
  if (text.length > largestFileCharacters) return unreadable('is larger than 64 KB: keep only settings in this file');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    logLevel: 'error',
    prettyErrors: false,
    stringKeys: true,
    version: '1.2',
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const duplicates = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  const broken = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  // What follows the first error is mostly made by it.
  const faults = [...duplicates, ...broken.slice(0, 1)].map((error) => ({
    ...placeAt(startOf(error, document)),
    message: wordsOf(error, text),
  }));
  visit(document, {
    Node(_, node) {
      const message = shorthandFault(node);
      if (message !== null) faults.push({ ...placeAt(node.range?.[0] ?? 0), message });
    },
  });
  // A key written twice hides one of two values; what else is wrong with the file can still be told.
  const isClear = faults.length === duplicates.length;
  if (isClear && document.contents === null) return unreadable('is empty: write the settings, or restore the file');
  return {
    value: isClear ? document.toJS({ maxAliasCount: 0 }) : undefined,
    faults,
    placeOf: (path) => placeAt(offsetOf(document.contents, path)),
  };
}

function shorthandFault(node: Node): string | null {
  if (isAlias(node)) return 'is an alias ("*"): write the value itself, in quotes where it starts with "*"';
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined)
    return 'has an anchor ("&"): leave it out, or put the text in quotes where it starts with "&"';
  if (node.tag !== undefined)
    return 'has a tag ("!"): leave it out, or put the text in quotes where it starts with "!"';
  return null;
}

/** A quote left open is noticed at the end of the file: it is mended where it starts. */
function startOf({ code, pos }: YAMLError, document: Document.Parsed): number {
  let start = pos[0];
  if (code !== 'MISSING_CHAR') return start;
  visit(document, {
    Scalar(_, { type, range }) {
      if (type?.startsWith('QUOTE') && range && range[0] < pos[0] && range[1] >= pos[0]) start = range[0];
    },
  });
  return start;
}

function wordsOf({ code, message, pos }: YAMLError, text: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return `${/^[^:\r\n]*/.exec(text.slice(pos[0]))?.[0].trim()}: is written twice: keep one`;
    case 'TAB_AS_INDENT':
      return 'is indented with a tab: use spaces';
    case 'MULTIPLE_DOCS':
      return 'starts a second document: remove the line "---"';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'has a second ": " on the line: put the text in quotes';
    case 'RESOURCE_EXHAUSTION':
      return 'is nested too deeply: write settings as the example folder does';
    case 'NON_STRING_KEY':
      return 'is no plain word before the ":": write the name of a setting';
    default:
      return `is not YAML: mend the indentation, quotes or brackets here (${message.split('\n')[0]})`;
  }
}

function offsetOf(contents: unknown, path: readonly (string | number)[]): number {
  let node = contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (!(isMap(node) || isSeq(node) || isScalar(node))) break;
      offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
