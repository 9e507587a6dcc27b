import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { type Keyring, KeysErased, type OwnerKeys } from '../kms/keyring.ts';
import { type Item, known, toKeys } from './stored-item.ts';

/** Reading the care table. Every read is strongly consistent: it holds what was committed before it began. */
export interface CareTable {
  item(owner: string, key: string): Promise<Item | undefined>;
  /** All items of the owner whose sort key begins so, however many pages they take; "" is every item. */
  itemsUnder(owner: string, prefix: string): Promise<Item[]>;
  /** @throws KeysErased where the owner has none, or no longer. */
  keysOf(owner: string): Promise<OwnerKeys>;
}

/** Reading items as they are stored, which takes no keys. */
export function careItems(client: DynamoDBClient, table: string): Pick<CareTable, 'item' | 'itemsUnder'> {
  return {
    async item(owner, key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: { pk: { S: owner }, sk: { S: key } }, ConsistentRead: true }),
      );
      return known(Item);
    },
    async itemsUnder(owner, prefix) {
      const items: Item[] = [];
      let from: Item | undefined;
      // An empty page may have others behind it: only a missing LastEvaluatedKey is the end.
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            ...under(owner, prefix),
            ConsistentRead: true,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        items.push(...(page.Items ?? []).map(known));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return items;
    },
  };
}

/** DynamoDB takes no empty text for a part of a key, not even for a beginning that everything has. */
function under(owner: string, prefix: string) {
  if (prefix === '')
    return { KeyConditionExpression: 'pk = :owner', ExpressionAttributeValues: { ':owner': { S: owner } } };
  return {
    KeyConditionExpression: 'pk = :owner AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':owner': { S: owner }, ':prefix': { S: prefix } },
  };
}

export function careTable(client: DynamoDBClient, table: string, keyring: Keyring): CareTable {
  const items = careItems(client, table);
  return {
    ...items,
    keysOf(owner) {
      return keyring.open(owner, async () => {
        const keys = await items.item(owner, 'keys');
        if (keys === undefined)
          throw new KeysErased(`the keys of ${owner} were erased: its content cannot be read any more`);
        return toKeys(keys);
      });
    },
  };
}
