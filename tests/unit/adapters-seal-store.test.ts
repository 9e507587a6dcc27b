import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { s3SealStore } from '../../functions/adapters/s3/seal-store.ts';
import { SealConflict } from '../../functions/ports/seal-store.ts';

const s3 = mockClient(S3Client);
const dynamoDB = mockClient(DynamoDBClient);
const store = s3SealStore({
  s3: new S3Client({}),
  dynamoDB: new DynamoDBClient({}),
  careTable: 'care',
  logBucket: 'log',
  stagingBucket: 'staging',
});

beforeEach(() => {
  s3.reset();
  dynamoDB.reset();
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** An answer of S3 that holds these bytes. */
const holding = (text: string) => ({ Body: { transformToByteArray: async () => bytesOf(text) } as never });

const answerOf = (name: string) =>
  new S3ServiceException({ name, message: 'from S3', $fault: 'client', $metadata: {} });
const nothingThere = new NoSuchKey({ message: 'from S3', $metadata: {} });
const refusal = answerOf('AccessDenied');

const head = { note: 'a note', edge: ['aa', 'bb'] };
const changed = [{ chain: 'p-1', firstSeq: 1, lastSeq: 2, head: 'cc' }];

describe('the newest seal', () => {
  it('is none where nothing is sealed yet', async () => {
    dynamoDB.on(GetItemCommand).resolves({});
    expect(await store.head()).toBeNull();
  });

  it('is read strongly consistently, note and right edge', async () => {
    const edge = { L: [{ S: 'aa' }, { S: 'bb' }] };
    dynamoDB.on(GetItemCommand).resolves({ Item: { note: { S: 'a note' }, edge } });
    expect(await store.head()).toEqual(head);
    expect(dynamoDB).toHaveReceivedCommandWith(GetItemCommand, {
      TableName: 'care',
      Key: { pk: { S: 'log' }, sk: { S: 'head' } },
      ConsistentRead: true,
    });
  });

  it('has no edge where the item has none, or none of texts: whoever reads the seal then finds that they do not fit', async () => {
    dynamoDB.on(GetItemCommand).resolves({ Item: { note: { S: 'a note' } } });
    expect(await store.head()).toEqual({ note: 'a note', edge: [] });
    dynamoDB.on(GetItemCommand).resolves({ Item: { note: { S: 'a note' }, edge: { L: [{ N: '1' }] } } });
    expect(await store.head()).toEqual({ note: 'a note', edge: [] });
  });

  it('is an error where the item has no note, or was written by a newer Tandem', async () => {
    dynamoDB.on(GetItemCommand).resolves({ Item: { edge: { L: [] } } });
    await expect(store.head()).rejects.toThrow('note');
    dynamoDB.on(GetItemCommand).resolves({ Item: { note: { S: 'a note' }, dataVersion: { N: '99' } } });
    await expect(store.head()).rejects.toThrow('deploy the newer Tandem again');
  });
});

describe('making a seal the newest', () => {
  const next = { note: 'the next note', edge: ['dd'] };
  const lost = (note: string) =>
    new ConditionalCheckFailedException({
      message: 'the condition failed',
      $metadata: {},
      Item: { note: { S: note } },
    });

  it('asks that there is none yet, or that it is still the one that was read', async () => {
    dynamoDB.on(PutItemCommand).resolves({});
    await store.swap(null, next);
    await store.swap(head, next);
    const conditions = dynamoDB.commandCalls(PutItemCommand).map(({ args }) => {
      const { ConditionExpression, ExpressionAttributeValues } = args[0].input;
      return [ConditionExpression, ExpressionAttributeValues];
    });
    expect(conditions).toEqual([
      ['attribute_not_exists(pk)', undefined],
      ['note = :expected', { ':expected': { S: 'a note' } }],
    ]);
  });

  it('is a conflict where another run was faster', async () => {
    dynamoDB.on(PutItemCommand).rejects(lost('somebody else’s note'));
    await expect(store.swap(head, next)).rejects.toBeInstanceOf(SealConflict);
  });

  it('is done where its own first try got through and only the answer was lost', async () => {
    dynamoDB.on(PutItemCommand).rejects(lost('the next note'));
    await expect(store.swap(head, next)).resolves.toBeUndefined();
  });

  it('passes every other error on', async () => {
    dynamoDB.on(PutItemCommand).rejects(new Error('the table is away'));
    await expect(store.swap(head, next)).rejects.toThrow('the table is away');
  });
});

describe('what is staged', () => {
  it('comes back as it was, bytes of every value included', async () => {
    const objects = [{ path: 'tile/0/000', bytes: Uint8Array.from({ length: 256 }, (_, value) => value) }];
    s3.on(PutObjectCommand).resolves({});
    await store.stage('an-id', { objects, changed });
    const { Bucket, Key, Body } = s3.commandCalls(PutObjectCommand)[0]?.args[0].input ?? {};
    expect([Bucket, Key]).toEqual(['staging', 'an-id']);
    const body = typeof Body === 'string' ? Body : '';
    s3.on(GetObjectCommand, { Bucket: 'staging', Key: 'an-id' }).resolves(holding(body));
    const staged = await store.staged('an-id');
    expect(staged?.changed).toEqual(changed);
    expect(staged?.objects.map(({ path, bytes }) => [path, [...bytes]])).toEqual([
      ['tile/0/000', [...(objects[0]?.bytes ?? [])]],
    ]);
  });

  it('is null where nothing is staged under the id', async () => {
    s3.on(GetObjectCommand).rejects(nothingThere);
    expect(await store.staged('an-id')).toBeNull();
  });

  it('is an error, and never null, where S3 refuses, or holds what is no JSON: null would mean that there is nothing to finish', async () => {
    s3.on(GetObjectCommand).rejects(refusal);
    await expect(store.staged('an-id')).rejects.toBe(refusal);
    s3.on(GetObjectCommand).resolves(holding('not JSON'));
    await expect(store.staged('an-id')).rejects.toThrow(SyntaxError);
  });

  it('is forgotten when it is done', async () => {
    s3.on(DeleteObjectCommand).resolves({});
    await store.discard('an-id');
    expect(s3).toHaveReceivedCommandWith(DeleteObjectCommand, { Bucket: 'staging', Key: 'an-id' });
  });
});

describe('a published object', () => {
  it('is read from the log, and null where it is not there or has no body', async () => {
    s3.on(GetObjectCommand, { Bucket: 'log', Key: 'seal/1' }).resolves(holding('the note'));
    expect(Buffer.from((await store.read('seal/1')) ?? []).toString()).toBe('the note');
    s3.on(GetObjectCommand).rejects(nothingThere);
    expect(await store.read('seal/2')).toBeNull();
    s3.on(GetObjectCommand).resolves({});
    expect(await store.read('seal/2')).toBeNull();
  });

  it('is an error where S3 refuses: what may not be read is not missing', async () => {
    s3.on(GetObjectCommand).rejects(refusal);
    await expect(store.read('seal/1')).rejects.toBe(refusal);
  });
});

describe('publishing', () => {
  const object = { path: 'tile/0/000', bytes: bytesOf('hashes') };
  const standsAlready = ['PreconditionFailed', 'ConditionalRequestConflict'];

  it('never writes over an object: each write asks S3 that nothing is there', async () => {
    s3.on(PutObjectCommand).resolves({});
    await store.publish([object]);
    const { Body, ...input } = s3.commandCalls(PutObjectCommand)[0]?.args[0].input ?? {};
    expect(input).toEqual({ Bucket: 'log', Key: 'tile/0/000', IfNoneMatch: '*' });
    expect(Body).toBe(object.bytes);
  });

  it('writes nothing for nothing, and all of more than go together', async () => {
    s3.on(PutObjectCommand).resolves({});
    await store.publish([]);
    expect(s3.commandCalls(PutObjectCommand)).toEqual([]);
    const many = Array.from({ length: 40 }, (_, number) => ({ ...object, path: `tile/0/${number}` }));
    await store.publish(many);
    const written = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.Key);
    expect(written).toEqual(many.map(({ path }) => path));
  });

  it.each(standsAlready)('leaves an object that stands with the same bytes as it is (%s)', async (name) => {
    s3.on(PutObjectCommand).rejects(answerOf(name));
    s3.on(GetObjectCommand, { Bucket: 'log', Key: 'tile/0/000' }).resolves(holding('hashes'));
    await expect(store.publish([object])).resolves.toBeUndefined();
  });

  it.each(standsAlready)('stops where an object stands with other bytes (%s)', async (name) => {
    s3.on(PutObjectCommand).rejects(answerOf(name));
    s3.on(GetObjectCommand).resolves(holding('other hashes'));
    await expect(store.publish([object])).rejects.toThrow(RangeError);
    await expect(store.publish([object])).rejects.toThrow('tile/0/000 is published already, with other bytes');
  });

  it('fails, to be tried again, while another run is still writing the object', async () => {
    const busy = answerOf('ConditionalRequestConflict');
    s3.on(PutObjectCommand).rejects(busy);
    s3.on(GetObjectCommand).rejects(nothingThere);
    await expect(store.publish([object])).rejects.toBe(busy);
  });

  it('passes every other error on without looking at what stands there', async () => {
    s3.on(PutObjectCommand).rejects(refusal);
    await expect(store.publish([object])).rejects.toBe(refusal);
    s3.on(PutObjectCommand).callsFake(() => Promise.reject('no error at all'));
    await expect(store.publish([object])).rejects.toBe('no error at all');
    expect(s3.commandCalls(GetObjectCommand)).toEqual([]);
  });
});
