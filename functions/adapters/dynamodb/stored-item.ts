import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { epochMilliseconds, type Instant } from '../../domain/instant.ts';
import type { StoredKeys } from '../kms/keyring.ts';

export type Item = Record<string, AttributeValue>;

/** The largest item DynamoDB keeps, in bytes. */
export const largestItemBytes = 400 * 1024;

/** A stored item that is not as Tandem writes it. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** The layout of items that this code writes. It rises when older code could no longer read what is written. */
export const dataVersion = 1;

/** An item that newer code has written: this code might misread it, and would write over what it does not know. */
export class NewerData extends Error {
  override readonly name = 'NewerData';
}

/**
 * The item, where this code knows its layout.
 * @throws NewerData
 */
export function known<T extends Item | undefined>(item: T): T {
  const version = Number(item?.['dataVersion']?.N ?? dataVersion);
  if (version > dataVersion)
    throw new NewerData(
      `a stored item has data version ${version}, this Tandem knows up to ${dataVersion}: deploy the newer Tandem again (docs/operations.md#updating)`,
    );
  return item;
}

export function text(item: Item, attribute: string): string {
  return present(item[attribute]?.S, attribute, 'a string');
}

export function number(item: Item, attribute: string): number {
  return Number(present(item[attribute]?.N, attribute, 'a number'));
}

export function map(item: Item, attribute: string): Item {
  return present(item[attribute]?.M, attribute, 'a map');
}

export function bytes(item: Item, attribute: string): Uint8Array {
  return present(item[attribute]?.B, attribute, 'bytes');
}

/** A list of texts; empty where there is none. */
export function texts(item: Item, attribute: string): string[] {
  return (item[attribute]?.L ?? []).flatMap(({ S }) => (S === undefined ? [] : [S]));
}

export function fromTexts(values: readonly string[]): AttributeValue {
  return { L: values.map((value) => ({ S: value })) };
}

/** From when on DynamoDB drops the item: so long after a moment. */
export function expiry(from: Instant, milliseconds: number): Item {
  return { expiresAt: { N: String(Math.ceil((epochMilliseconds(from) + milliseconds) / 1000)) } };
}

function present<T>(value: T | undefined, attribute: string, kind: string): T {
  if (value === undefined)
    throw new Malformed(`a stored item lacks "${attribute}" (${kind}): was it written by something else?`);
  return value;
}

export function fromKeys({ care, audit }: StoredKeys): Item {
  const { kty, crv, x, y } = audit.publicJwk;
  return {
    care: { M: { keyArn: { S: care.keyArn }, wrapped: { B: care.wrapped } } },
    audit: {
      M: {
        keyArn: { S: audit.keyArn },
        publicJwk: { M: { kty: { S: kty }, crv: { S: crv }, x: { S: x }, y: { S: y } } },
        wrapped: { B: audit.wrapped },
      },
    },
  };
}

export function toKeys(item: Item): StoredKeys {
  const care = map(item, 'care');
  const audit = map(item, 'audit');
  const jwk = map(audit, 'publicJwk');
  return {
    care: { keyArn: text(care, 'keyArn'), wrapped: bytes(care, 'wrapped') },
    audit: {
      keyArn: text(audit, 'keyArn'),
      publicJwk: { kty: text(jwk, 'kty'), crv: text(jwk, 'crv'), x: text(jwk, 'x'), y: text(jwk, 'y') },
      wrapped: bytes(audit, 'wrapped'),
    },
  };
}

/** Size as DynamoDB counts it: names and values in UTF-8; for a number its digits, which is never too little. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  if (value.B !== undefined) return value.B.length;
  return Buffer.byteLength(value.S ?? value.N ?? '');
}
