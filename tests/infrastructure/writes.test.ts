import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Every way in which the SDK writes to a table. */
const write =
  /\b(PutItem|UpdateItem|DeleteItem|BatchWriteItem|TransactWriteItems|ExecuteStatement|BatchExecuteStatement|ExecuteTransaction|Put|Update|Delete|BatchWrite|TransactWrite)Command\b/;

function filesThatWrite(): string[] {
  return ['functions', 'bin'].flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => write.test(readFileSync(file, 'utf8')))
      .map((file) => relative(project, file)),
  );
}

describe('A19: no change without its audit record', () => {
  it('because one file alone writes to the tables, change and record in one transaction', () => {
    expect(filesThatWrite()).toEqual(['functions/adapters/dynamodb/transaction.ts']);
  });
});
