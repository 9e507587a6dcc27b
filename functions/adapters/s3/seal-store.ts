import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SealObject } from '../../domain/seal.ts';
import type { SealStore, StagedSeal } from '../../ports/seal-store.ts';
import { known, text, texts } from '../dynamodb/stored-item.ts';
import { logHeadKey, swapLogHead } from '../dynamodb/transaction.ts';

export interface S3SealStoreSettings {
  readonly s3: S3Client;
  readonly dynamoDB: DynamoDBClient;
  /** Holds the newest seal, on which runs compare and swap. */
  readonly careTable: string;
  /** Object Lock: what is published can be neither changed nor deleted. */
  readonly logBucket: string;
  /** Scratch space, emptied by its lifecycle. */
  readonly stagingBucket: string;
}

/** What is staged, as JSON. */
interface StagedText {
  readonly objects: readonly { readonly path: string; readonly base64: string }[];
  readonly changed: StagedSeal['changed'];
}

/** The log in S3 under Object Lock, its newest seal in DynamoDB. */
export function s3SealStore({ s3, dynamoDB, careTable, logBucket, stagingBucket }: S3SealStoreSettings): SealStore {
  async function read(bucket: string, path: string): Promise<Uint8Array | null> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: path }));
      return Body === undefined ? null : await Body.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  /** Never over another: S3 itself refuses a second object under the path. */
  async function publishOne({ path, bytes }: SealObject): Promise<void> {
    try {
      await s3.send(new PutObjectCommand({ Bucket: logBucket, Key: path, Body: bytes, IfNoneMatch: '*' }));
    } catch (error) {
      if (!(error instanceof Error) || !standsAlready.has(error.name)) throw error;
      const standing = await read(logBucket, path);
      // Another run is writing it at this moment and has not finished: the next try sees what became of it.
      if (standing === null) throw error;
      if (Buffer.compare(standing, bytes) !== 0)
        throw new RangeError(`${path} is published already, with other bytes: stop and compare both`);
    }
  }

  return {
    async head() {
      const { Item } = await dynamoDB.send(
        new GetItemCommand({ TableName: careTable, Key: logHeadKey, ConsistentRead: true }),
      );
      known(Item);
      return Item === undefined ? null : { note: text(Item, 'note'), edge: texts(Item, 'edge') };
    },
    async stage(id, staged) {
      // By hand: a Buffer would make JSON of itself before a replacer sees its bytes.
      const objects = staged.objects.map(({ path, bytes }) => ({
        path,
        base64: Buffer.from(bytes).toString('base64'),
      }));
      const Body = JSON.stringify({ objects, changed: staged.changed });
      await s3.send(new PutObjectCommand({ Bucket: stagingBucket, Key: id, Body }));
    },
    async staged(id) {
      const bytes = await read(stagingBucket, id);
      if (bytes === null) return null;
      const { objects, changed }: StagedText = JSON.parse(Buffer.from(bytes).toString('utf8'));
      return {
        changed,
        objects: objects.map(({ path, base64 }) => ({ path, bytes: Buffer.from(base64, 'base64') })),
      };
    },
    swap: (expected, next) => swapLogHead(dynamoDB, careTable, expected, next),
    async publish(objects) {
      for (let first = 0; first < objects.length; first += publishedTogether)
        await Promise.all(objects.slice(first, first + publishedTogether).map(publishOne));
    },
    read: (path) => read(logBucket, path),
    async discard(id) {
      await s3.send(new DeleteObjectCommand({ Bucket: stagingBucket, Key: id }));
    },
  };
}

const publishedTogether = 16;

/** S3's answers to a conditional write: it stands already, or is being written by another. */
const standsAlready: ReadonlySet<string> = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);
