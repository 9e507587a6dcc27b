import {
  BatchWriteItemCommand,
  type CancellationReason,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { type AuditEntry, type SealedRecord, sealRecord } from '../../domain/audit-chain.ts';
import type { EarlyAlert } from '../../domain/early-alert.ts';
import { days, type Instant } from '../../domain/instant.ts';
import type { EventKey } from '../../domain/patient.ts';
import type { ChangedChain, LogHead } from '../../domain/seal.ts';
import type { Pause } from '../../load-decide-commit.ts';
import { Conflict } from '../../ports/patients.ts';
import { SealConflict } from '../../ports/seal-store.ts';
import { saltBytes, sealAudit, sealCare } from '../kms/envelope.ts';
import type { Keyring, OwnerKeys, StoredKeys } from '../kms/keyring.ts';
import {
  expiry,
  fromKeys,
  fromTexts,
  type Item,
  itemBytes,
  largestItemBytes,
  dataVersion as layout,
} from './stored-item.ts';
import { sealedKey, unsealedShardOf } from './unsealed.ts';

// The only file that writes to the care and audit tables. No change without its audit record holds because there is no
// other way to change anything: a test of the architecture looks for one.

/** One decision as the tables keep it: all of it, or nothing. */
export interface Writing {
  /** The owner's chain as it was loaded. */
  readonly chain: { readonly id: string; readonly version: number; readonly head: string };
  readonly at: Instant;
  readonly audit: AuditEntry;
  /** A patient's state; system chains have none. */
  readonly snapshot?: { readonly foldedUnder: string; readonly content: Uint8Array; readonly attributes: Item };
  readonly puts: readonly CarePut[];
  /** Items of nobody's: ids, counts and times, readable without a key. */
  readonly notes?: readonly CareNote[];
  /** Sort keys of items that must be there, and go. */
  readonly deletes?: readonly string[];
  /** Items that go where they are there. */
  readonly clears?: readonly ItemKey[];
  /** Taken for ever: a second event with this key is refused, whoever's it is. */
  readonly marker?: EventKey;
  /** Leaves no state, only where the chain ends and when it was erased. */
  readonly isErasure?: true;
}

export interface CarePut {
  readonly key: string;
  /** Encrypted under the owner's key before it goes anywhere. */
  readonly content: Uint8Array;
  /** What must be readable without a key. Nothing that names or describes a patient. */
  readonly attributes?: Item;
  /** Whether the item may not be there yet. */
  readonly isNew?: boolean;
}

export interface CareNote {
  readonly pk: string;
  readonly sk: string;
  readonly attributes: Item;
  /** Whether the item may not be there yet. */
  readonly isNew?: boolean;
}

export class ItemTooLarge extends Error {
  override readonly name = 'ItemTooLarge';
}

/** The tables refuse this writing, and would refuse it again. */
export class WritingRefused extends Error {
  override readonly name = 'WritingRefused';
}

export interface TransactionWriter {
  /** @throws Conflict, ItemTooLarge, WritingRefused, or the SDK's own error where the service stays busy or away. */
  write(writing: Writing): Promise<SealedRecord>;
  /** What concerns two chains: both records and all items, or nothing. Throws as `write` does. */
  writeBoth(first: Writing, second: Writing): Promise<void>;
}

export interface TransactionWriterSettings {
  readonly client: DynamoDBClient;
  readonly careTable: string;
  readonly auditTable: string;
  readonly keyring: Keyring;
  readonly keysOf: (owner: string) => Promise<OwnerKeys>;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Between two tries while the tables are busy. */
  readonly pause: Pause;
}

/** Version of every item's layout. */
const dataVersion: Item = { dataVersion: { N: String(layout) } };

const isNew = 'attribute_not_exists(pk)';
const isThere = 'attribute_exists(pk)';
const recordIsNew = 'attribute_not_exists(chain)';
const headIsUnchanged = 'version = :loaded';

/** Tries while DynamoDB is busy, each of them already retried by the SDK. */
const mostTries = 5;

const lostToAnother: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'TransactionConflict']);
const busyReasons: ReadonlySet<string> = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded']);
const busyErrors: ReadonlySet<string> = new Set([
  'TransactionInProgressException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
]);

export function transactionWriter(settings: TransactionWriterSettings): TransactionWriter {
  const { client, keyring, keysOf, randomBytes, pause } = settings;

  async function prepared(writing: Writing) {
    const owner = writing.chain.id;
    const record = sealRecord(writing.chain, writing.audit, writing.at, randomBytes(saltBytes));
    const created = writing.chain.version === 0 ? await keyring.create(owner) : null;
    const keys = created?.keys ?? (await keysOf(owner));
    const actions = await actionsOf(settings, writing, record, keys, created?.stored ?? null);
    refuseTooLarge(owner, actions);
    const keep = () => {
      if (created !== null) keyring.keep(owner, created.keys);
    };
    return { record, actions, keep };
  }

  return {
    async write(writing) {
      const { record, actions, keep } = await prepared(writing);
      await send(client, actions, record, pause);
      keep();
      return record;
    },
    async writeBoth(one, other) {
      const [first, second] = [await prepared(one), await prepared(other)];
      await send(client, [...first.actions, ...second.actions], first.record, pause);
      first.keep();
      second.keep();
    },
  };
}

/** The whole of one transaction; the audit record comes first. */
async function actionsOf(
  { careTable, auditTable }: TransactionWriterSettings,
  { chain, at, snapshot, puts, notes = [], deletes = [], clears = [], marker, isErasure }: Writing,
  record: SealedRecord,
  keys: OwnerKeys,
  newKeys: StoredKeys | null,
): Promise<TransactWriteItem[]> {
  const owner = chain.id;
  const key = (sk: string): Item => ({ pk: { S: owner }, sk: { S: sk } });
  const sealed = async (sk: string, content: Uint8Array) => ({ S: await sealCare(keys.care, owner, sk, content) });

  const auditItem: Item = {
    ...dataVersion,
    chain: { S: owner },
    sequence: { N: String(record.sequence) },
    recordedAt: { S: record.recordedAt },
    content: { S: await sealAudit(keys.audit, record, record.salt, record.bytes) },
    recordHash: { S: record.recordHash },
    head: { S: record.head },
  };
  const headItem: Item = {
    ...dataVersion,
    ...key('head'),
    version: { N: String(record.sequence) },
    head: { S: record.head },
    ...(isErasure && { erasedAt: { S: at } }),
    ...(snapshot && {
      foldedUnder: { S: snapshot.foldedUnder },
      snapshot: await sealed('head', snapshot.content),
      ...snapshot.attributes,
    }),
  };
  const headCondition =
    chain.version === 0
      ? { ConditionExpression: isNew }
      : {
          ConditionExpression: headIsUnchanged,
          ExpressionAttributeValues: { ':loaded': { N: String(chain.version) } },
        };

  const actions: TransactWriteItem[] = [
    {
      Put: {
        TableName: auditTable,
        Item: auditItem,
        ConditionExpression: recordIsNew,
        // Shows a retry whose first try did get through that the record there is its own.
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    { Put: { TableName: careTable, Item: headItem, ...headCondition } },
  ];
  if (newKeys !== null) {
    const Item = { ...dataVersion, ...key('keys'), ...fromKeys(newKeys) };
    actions.push({ Put: { TableName: careTable, Item, ConditionExpression: isNew } });
  }
  for (const put of puts) {
    const Item = { ...dataVersion, ...key(put.key), ...put.attributes, content: await sealed(put.key, put.content) };
    actions.push({ Put: { TableName: careTable, Item, ...(put.isNew && { ConditionExpression: isNew }) } });
  }
  actions.push({ Put: { TableName: careTable, Item: { ...dataVersion, ...unsealedNote(record) } } });
  for (const { pk, sk, attributes, isNew: mayNotBeThere } of notes) {
    const Item = { ...dataVersion, pk: { S: pk }, sk: { S: sk }, ...attributes };
    actions.push({ Put: { TableName: careTable, Item, ...(mayNotBeThere && { ConditionExpression: isNew }) } });
  }
  for (const sk of deletes) {
    actions.push({ Delete: { TableName: careTable, Key: key(sk), ConditionExpression: isThere } });
  }
  for (const { pk, sk } of clears)
    actions.push({ Delete: { TableName: careTable, Key: { pk: { S: pk }, sk: { S: sk } } } });
  if (marker !== undefined) {
    const Item = { ...dataVersion, pk: { S: `event#${marker}` }, sk: { S: 'event' }, patient: { S: owner } };
    actions.push({ Put: { TableName: careTable, Item, ConditionExpression: isNew } });
  }
  return actions;
}

/** Says to the sealer that this chain has grown, and how far. The newest note of a chain stands alone. */
function unsealedNote({ chain, sequence, head }: SealedRecord): Item {
  const key = { pk: { S: unsealedShardOf(chain) }, sk: { S: chain } };
  return { ...key, lastSeq: { N: String(sequence) }, head: { S: head } };
}

function refuseTooLarge(owner: string, actions: readonly TransactWriteItem[]): void {
  for (const { Put } of actions) {
    const bytes = Put === undefined ? 0 : itemBytes(Put.Item ?? {});
    if (bytes > largestItemBytes) {
      const name = Put?.Item?.['sk']?.S ?? 'audit record';
      throw new ItemTooLarge(`"${name}" of ${owner} takes ${bytes} bytes: an item holds at most ${largestItemBytes}`);
    }
  }
}

async function send(
  client: DynamoDBClient,
  actions: TransactWriteItem[],
  record: SealedRecord,
  pause: Pause,
): Promise<void> {
  const command = new TransactWriteItemsCommand({
    TransactItems: actions,
    // Spares a retry within ten minutes the round through `isOwnWrite`. It is no guard: after that it is forgotten.
    ClientRequestToken: record.head.slice(0, 36),
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(command);
      return;
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        const reasons = error.CancellationReasons ?? [];
        if (isOwnWrite(reasons, record)) return;
        refuseIfFinal(reasons, actions, record);
      } else if (!(error instanceof Error && busyErrors.has(error.name))) {
        throw error;
      }
      if (attempt === mostTries) throw error;
      await pause(attempt);
    }
  }
}

/**
 * The first try applied, its answer was lost, and this is its retry. The head commits to 16 random bytes of this one
 * writing, so nobody else's record has it, and it stays there whatever was committed since.
 */
function isOwnWrite(reasons: readonly CancellationReason[], record: SealedRecord): boolean {
  return reasons[0]?.Item?.['head']?.S === record.head;
}

/** Returns where trying again can help. */
function refuseIfFinal(
  reasons: readonly CancellationReason[],
  actions: readonly TransactWriteItem[],
  { chain, sequence }: SealedRecord,
): void {
  // Codes and names only: the service's messages may quote what was written.
  const codes = reasons.map(({ Code }) => Code ?? 'None');
  const told = codes
    .flatMap((code, place) => (code === 'None' ? [] : [`${nameOf(actions[place])} ${code}`]))
    .join(', ');
  const what = `record ${sequence} of ${chain} was not written (${told || 'no reason given'})`;
  const failed = codes.filter((code) => code !== 'None');
  const canHelp = failed.length > 0 && failed.every((code) => lostToAnother.has(code) || busyReasons.has(code));
  if (!canHelp) throw new WritingRefused(what);
  if (failed.some((code) => lostToAnother.has(code))) throw new Conflict(what);
}

function nameOf(action: TransactWriteItem | undefined): string {
  const key = action?.Put?.Item ?? action?.Delete?.Key;
  return key?.['sk']?.S ?? 'audit record';
}

/** One item of a table. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** What one request of DynamoDB's takes. */
const mostDeletesTogether = 25;

/**
 * Removes items of a patient who was erased, in no order. Without an audit record: the erasure has one, and since then nobody could
 * read them. Items that are not there are passed over.
 */
export async function removeErasedItems(
  client: DynamoDBClient,
  careTable: string,
  keys: readonly ItemKey[],
  pause: Pause,
): Promise<void> {
  for (let first = 0; first < keys.length; first += mostDeletesTogether) {
    let left: WriteRequest[] = keys
      .slice(first, first + mostDeletesTogether)
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: { S: pk }, sk: { S: sk } } } }));
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (attempt > mostTries) throw new Error('the table stays busy: try again, and it goes on where it stopped');
      if (attempt > 1) await pause(attempt);
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [careTable]: left } }),
      );
      left = UnprocessedItems?.[careTable] ?? [];
    }
  }
}

/** A day, after which DynamoDB drops the canary's note. */
const canaryNoteMilliseconds = 1 * days;

/** The one write without an audit record: it concerns no patient, no setting, nobody. */
export async function putCanaryNote(client: DynamoDBClient, careTable: string, id: string, at: Instant): Promise<void> {
  await client.send(
    new PutItemCommand({
      TableName: careTable,
      Item: {
        ...dataVersion,
        pk: { S: 'canary' },
        sk: { S: id },
        at: { S: at },
        ...expiry(at, canaryNoteMilliseconds),
      },
    }),
  );
}

/** Longer than a message can wait in the queue and its dead letters. */
const earlyAlertMilliseconds = 30 * days;

export function earlyAlertKey(reference: string): ItemKey {
  return { pk: `early-alert#${reference}`, sk: 'early-alert' };
}

/**
 * Notes what went out about a message that cannot be recorded: staff ids and times. Without an audit record, for that is what
 * the tables refuse; it follows in the patient's chain with the message.
 */
export async function keepEarlyAlert(
  client: DynamoDBClient,
  careTable: string,
  { reference, at, told, isRecorded }: EarlyAlert,
  now: Instant,
): Promise<void> {
  const { pk, sk } = earlyAlertKey(reference);
  await client.send(
    new PutItemCommand({
      TableName: careTable,
      Item: {
        ...dataVersion,
        pk: { S: pk },
        sk: { S: sk },
        at: { S: at },
        told: fromTexts(told),
        isRecorded: { BOOL: isRecorded },
        ...expiry(now, earlyAlertMilliseconds),
      },
    }),
  );
}

/**
 * Notes who sends the messages of an alert, until when. Without an audit record: it changes no alert, and what was sent has one.
 * @returns false where somebody else's claim still holds.
 */
export async function takeAlertClaim(
  client: DynamoDBClient,
  careTable: string,
  { alertId, holder, until }: { readonly alertId: string; readonly holder: string; readonly until: Instant },
  now: Instant,
): Promise<boolean> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: careTable,
        Item: {
          ...dataVersion,
          ...claimKey(alertId),
          holder: { S: holder },
          // "until" is a word of DynamoDB's own.
          heldUntil: { S: until },
          ...expiry(until, 0),
        },
        // The holder's own claim: the first try got through and its answer was lost.
        ConditionExpression: `${isNew} OR heldUntil <= :now OR holder = :holder`,
        ExpressionAttributeValues: { ':now': { S: now }, ':holder': { S: holder } },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Ends a claim by one that has run out already: whoever may write here need not be allowed to delete. */
export async function releaseAlertClaim(
  client: DynamoDBClient,
  careTable: string,
  { alertId, holder }: { readonly alertId: string; readonly holder: string },
): Promise<void> {
  const Item = {
    ...dataVersion,
    ...claimKey(alertId),
    holder: { S: holder },
    heldUntil: { S: '' },
    expiresAt: { N: '0' },
  };
  await client
    .send(
      new PutItemCommand({
        TableName: careTable,
        Item,
        ConditionExpression: 'holder = :holder',
        ExpressionAttributeValues: { ':holder': { S: holder } },
      }),
    )
    .catch(passOver);
}

function claimKey(alertId: string): Item {
  return { pk: { S: `claim#${alertId}` }, sk: { S: 'claim' } };
}

/** A day, after which DynamoDB drops a token: no workflow waits for so long. */
const tokenMilliseconds = 1 * days;

/** The sort key under which a patient's partition holds how the workflow of an alert can be woken. */
export function tokenKey(alertId: string): string {
  return `wait#${alertId}`;
}

/**
 * Keeps how the workflow of an alert can be woken, under the patient's key. Without an audit record: a token changes no alert
 * and says nothing of one; whoever has it can have the workflow look at its alert once more, and no more than that.
 */
export async function keepAlertToken(
  client: DynamoDBClient,
  careTable: string,
  keys: Pick<OwnerKeys, 'care'>,
  { owner, alertId, content }: { readonly owner: string; readonly alertId: string; readonly content: Uint8Array },
  now: Instant,
): Promise<void> {
  const sk = tokenKey(alertId);
  await client.send(
    new PutItemCommand({
      TableName: careTable,
      Item: {
        ...dataVersion,
        pk: { S: owner },
        sk: { S: sk },
        content: { S: await sealCare(keys.care, owner, sk, content) },
        ...expiry(now, tokenMilliseconds),
      },
    }),
  );
}

/** Where the newest seal of the log stands. */
export const logHeadKey = { pk: { S: 'log' }, sk: { S: 'head' } };

/**
 * Makes `next` the newest seal if `expected` still is. Like the canary's note these writes have no audit record: they say how
 * far the audit itself is sealed, and every one of them can be checked against the published log.
 * @throws SealConflict where another run was faster.
 */
export async function swapLogHead(
  client: DynamoDBClient,
  careTable: string,
  expected: LogHead | null,
  next: LogHead,
): Promise<void> {
  const condition =
    expected === null
      ? { ConditionExpression: isNew }
      : { ConditionExpression: 'note = :expected', ExpressionAttributeValues: { ':expected': { S: expected.note } } };
  const edge = { L: next.edge.map((hash) => ({ S: hash })) };
  try {
    await client.send(
      new PutItemCommand({
        TableName: careTable,
        Item: { ...dataVersion, ...logHeadKey, note: { S: next.note }, edge },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...condition,
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The first try got through and its answer was lost: the seal that stands is this one.
    if (error.Item?.['note']?.S === next.note) return;
    throw new SealConflict('another run made the newest seal meanwhile');
  }
}

/** Notes how far a chain is sealed, then removes the note that it had grown so far; a longer one stays. */
export async function markSealed(
  client: DynamoDBClient,
  careTable: string,
  shard: string,
  { chain, lastSeq }: ChangedChain,
): Promise<void> {
  const upTo = { ':upTo': { N: String(lastSeq) } };
  await client
    .send(
      new PutItemCommand({
        TableName: careTable,
        Item: { ...dataVersion, ...sealedKey(chain), lastSeq: { N: String(lastSeq) } },
        ConditionExpression: `${isNew} OR lastSeq < :upTo`,
        ExpressionAttributeValues: upTo,
      }),
    )
    .catch(passOver);
  await client
    .send(
      new DeleteItemCommand({
        TableName: careTable,
        Key: { pk: { S: shard }, sk: { S: chain } },
        ConditionExpression: 'lastSeq = :upTo',
        ExpressionAttributeValues: upTo,
      }),
    )
    .catch(passOver);
}

/** The condition says that this has been done already, or that the chain has grown on: either is well. */
function passOver(error: unknown): void {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
}
