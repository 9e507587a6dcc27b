import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const theOneWriter = 'functions/adapters/dynamodb/transaction.ts';

/** Every way of the SDK to write to a table: single, batched, in a transaction, in PartiQL, or by the client that has them all. */
const writes =
  /\b((Put|Update|Delete)(Item)?|Transact(WriteItems|Write)|BatchWrite(Item)?|(Batch)?Execute(Statement|Transaction))Command\b|\bnew DynamoDB\(|\bDynamoDBDocument\b/;

describe('the tables', () => {
  it('are written to in one file only, so that no change goes without its audit record (A19)', () => {
    const files = ['functions', 'bin', 'lib'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(folder, name)),
    );
    const writers = files.filter((file) => writes.test(readFileSync(join(root, file), 'utf8')));
    expect(writers).toEqual([theOneWriter]);
  });

  it('have one transaction there, and beside it only what changes nothing of a patient: canary, alert claims and tokens, what went out early, seals, what nobody can read any more', () => {
    const source = readFileSync(join(root, theOneWriter), 'utf8');
    expect(source.match(/new \w+Command\(/g)?.toSorted()).toEqual([
      'new BatchWriteItemCommand(',
      'new DeleteItemCommand(',
      'new PutItemCommand(',
      'new PutItemCommand(',
      'new PutItemCommand(',
      'new PutItemCommand(',
      'new PutItemCommand(',
      'new PutItemCommand(',
      'new PutItemCommand(',
      'new TransactWriteItemsCommand(',
    ]);
  });
});
