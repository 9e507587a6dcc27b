import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { openAudit } from '../functions/adapters/kms/envelope.ts';
import { type HeaderLine, readLine } from '../functions/domain/audit-bundle.ts';
import type { AuditRecord, ChainId } from '../functions/domain/audit-chain.ts';
import { readAuditRecord } from '../functions/domain/audit-record.ts';
import { contentFault } from '../functions/domain/audit-verify-content.ts';
import type { StoredRecord } from '../functions/ports/stored-records.ts';
import { Refused } from './deployment.ts';

/** A record as it was found; null where it cannot be read, and why not. */
export interface Opened {
  readonly chain: ChainId;
  readonly sequence: number;
  readonly record: AuditRecord | null;
  readonly why: string;
}

export type OpenedRecords = AsyncIterable<Opened>;

/** Records that could be read, and the places of those that could not. */
export interface Reading {
  readonly records: readonly AuditRecord[];
  readonly unreadable: readonly Opened[];
}

export async function readingOf(...sources: readonly OpenedRecords[]): Promise<Reading> {
  const records: AuditRecord[] = [];
  const unreadable: Opened[] = [];
  for (const source of sources)
    for await (const opened of source) {
      if (opened.record === null) unreadable.push(opened);
      else records.push(opened.record);
    }
  return { records, unreadable };
}

/** "3 records could not be read: p-…, record 4 (why)". Empty where all could. */
export function unreadableText(unreadable: readonly Opened[]): string {
  if (unreadable.length === 0) return '';
  const shown = unreadable.slice(0, 10).map(({ chain, sequence, why }) => `${chain}, record ${sequence} (${why})`);
  const more = unreadable.length > shown.length ? ', …' : '';
  const count = unreadable.length === 1 ? '1 record' : `${unreadable.length} records`;
  return `${count} could not be read: ${shown.join(', ')}${more}\n`;
}

export interface ChainReader {
  stored(chain: ChainId): Promise<readonly StoredRecord[]>;
  /** The key that opens the chain; null where it was erased. */
  privateJwk(chain: ChainId): Promise<JWK | null>;
}

/** A deployment's records of one chain, not older than `since` where that is given. One that does not open is told, the rest go on. */
export async function* chainRecords(
  reader: ChainReader,
  chain: ChainId,
  since: string | null = null,
): AsyncGenerator<Opened> {
  const found = (await reader.stored(chain)).filter(({ recordedAt }) => since === null || recordedAt >= since);
  if (found.length === 0) return;
  const jwk = await reader.privateJwk(chain);
  const key = jwk === null ? null : await imported(jwk);
  for (const one of found) yield await openedRecord(key, one);
}

/**
 * The records of an evidence bundle. The bundle is not verified: `audit verify` does that.
 * @param keys null for a chain whose keys were erased.
 * @param onHeader is told the header before the first record.
 */
export async function* bundleRecords(
  file: string,
  keys: ReadonlyMap<ChainId, CryptoKey | null>,
  onHeader: (header: HeaderLine) => void = () => {},
): AsyncGenerator<Opened> {
  let isBundle = false;
  const input = createReadStream(file, 'latin1');
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = readLine(text);
      isBundle ||= line !== null;
      if (line?.kind === 'header') onHeader(line);
      if (line?.kind !== 'record') continue;
      const { quoted, ...place } = line;
      const content: string | null = quoted === null ? null : JSON.parse(quoted);
      yield await openedRecord(keys.get(line.chain), { ...place, content });
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new Refused('the export cannot be read: check its path');
    throw error;
  }
  if (!isBundle) throw new Refused('the file holds no line of an evidence bundle: give what audit export wrote');
}

/** @param key null: it was erased; undefined: nobody gave it. */
async function openedRecord(key: CryptoKey | null | undefined, stored: StoredRecord): Promise<Opened> {
  const { chain, sequence, content } = stored;
  const unread = (why: string): Opened => ({ chain, sequence, record: null, why });
  if (key === null) return unread('its content was erased');
  if (content === null) return unread('its content was left out of the export');
  if (key === undefined) return unread('there is no key for it');
  const opened = await openAudit(key, stored, content).catch(() => null);
  if (opened === null) return unread('its content does not open');
  const fault = contentFault({ kind: 'record', quoted: null, ...stored }, opened);
  if (fault !== null) return unread(fault);
  const record = readAuditRecord(opened.bytes);
  return record === null ? unread('this version does not know its form') : { chain, sequence, record, why: '' };
}

async function imported(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'ECDH-ES');
  if (key instanceof Uint8Array) throw new Error('the key of a chain is no key pair: restore the care table');
  return key;
}
