import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Families of actions: every text of the code that looks like one of them is taken for an action that it may write. */
const families =
  /'((?:access|alert|audit|caseload|disclosure|event|patient|reminder|risk|scan|sign-in|staff|state)\.[a-z][a-z.-]*[a-z])'/g;

/** An action of another family stands behind its own name in a record. */
const named = /\baction: '([a-z][a-z-]*(?:\.[a-z-]+)+)'/g;

/** What the answers of people make of `alert.${kind}`. */
const answers = ['acknowledge', 'snooze', 'resolve'].map((kind) => `alert.${kind}`);

/** Every audit action that the product writes, out of its code. */
export function auditActions(): string[] {
  const texts = ['functions', 'bin'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  const found = texts.flatMap((text) =>
    [...text.matchAll(families), ...text.matchAll(named)].flatMap(([, action]) => action ?? []),
  );
  return [...new Set([...found, ...answers])].filter((action) => !notActions.has(action)).toSorted();
}

/** Texts that look like an action and are none. */
const notActions: ReadonlySet<string> = new Set(['event.schema.json']);
