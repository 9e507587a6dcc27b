import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import * as z from 'zod';
import {
  type PublicKey,
  readTrustedKeys,
  type TrustedKey,
  type VerifySignature,
} from '../../functions/domain/checkpoint.ts';

/** Checks signatures with node:crypto. Each key is imported once. */
export function nodeVerify(): VerifySignature {
  const imported = new Map<string, KeyObject>();
  return (key: PublicKey, text: string, signature: Uint8Array) => {
    let object = imported.get(key.der);
    if (object === undefined) {
      object = createPublicKey({ key: Buffer.from(key.der, 'hex'), format: 'der', type: 'spki' });
      imported.set(key.der, object);
    }
    return verify(key.algorithm === 'ed25519' ? null : 'sha256', Buffer.from(text, 'utf8'), object, signature);
  };
}

/**
 * The keys that the reader trusts: PEM or verifier-key lines.
 * @throws Error where a file cannot be read or holds no Ed25519 or P-256 key.
 */
export function trustedKeys(files: readonly string[]): TrustedKey[] {
  return files.flatMap((file) => {
    const keys = readTrustedKeys(textOf(file, '--key'));
    if (keys.length > 0) return keys;
    throw new Error(
      'The file after --key holds no public key: give a PEM file (Ed25519 or P-256) or a line name+hash+key.',
    );
  });
}

/** @throws Error naming the option, never the file's content. */
export function textOf(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error(`The file after ${option} cannot be read: check its path.`);
  }
}

/** What stands instead of the key of a chain whose keys were erased. */
export const erasedKey = 'erased';

const privateKeysSchema = z.record(
  z.string(),
  z.union([z.object({ kty: z.literal('EC'), crv: z.literal('P-256') }).loose(), z.literal(erasedKey)]),
);

/**
 * The private keys that open contents: a JSON object from chain to JWK. null for a chain whose keys were erased.
 * @throws Error where the file is none.
 */
export async function privateKeys(file: string): Promise<ReadonlyMap<string, CryptoKey | null>> {
  const wrong = 'The file after --private-keys must be a JSON object from chain to P-256 private key (JWK).';
  const text = textOf(file, '--private-keys');
  try {
    const jwks = Object.entries(privateKeysSchema.parse(JSON.parse(text)));
    return new Map(await Promise.all(jwks.map(async ([chain, jwk]) => [chain, await privateKey(jwk)] as const)));
  } catch {
    throw new Error(wrong);
  }
}

async function privateKey(jwk: JWK | typeof erasedKey): Promise<CryptoKey | null> {
  if (jwk === erasedKey) return null;
  const key = await importJWK(jwk, 'ECDH-ES');
  if (key instanceof Uint8Array || key.type !== 'private') throw new Error('not a private key');
  return key;
}
