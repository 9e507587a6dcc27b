import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { CryptoKey } from 'jose';
import { canonicalText } from '../../domain/canonical.ts';

/** An owner is a patient or a system chain: each has keys of its own, so that one can be erased and the others stay. */
export interface OwnerKeys {
  /** AES-256-GCM: opens and closes what the care table holds. */
  readonly care: CryptoKey;
  /** P-256, the public half: closes audit records. */
  readonly audit: CryptoKey;
}

/** RFC 7517 form of the public half of a P-256 key pair. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

/** The keys as the table keeps them: wrapped, each with the ARN of the KMS key that unwraps it, wherever an alias points today. */
export interface StoredKeys {
  readonly care: { readonly keyArn: string; readonly wrapped: Uint8Array };
  readonly audit: { readonly keyArn: string; readonly publicJwk: PublicJwk; readonly wrapped: Uint8Array };
}

/** The owner's keys were deleted: nothing of theirs can be read any more, by anybody. */
export class KeysErased extends Error {
  override readonly name = 'KeysErased';
}

export interface Keyring {
  /** New keys. They count once the table has them: `keep` them then. */
  create(owner: string): Promise<{ readonly stored: StoredKeys; readonly keys: OwnerKeys }>;
  /** The owner's keys, from memory or unwrapped from what `stored` reads. */
  open(owner: string, stored: () => Promise<StoredKeys>): Promise<OwnerKeys>;
  keep(owner: string, keys: OwnerKeys): void;
}

/** Key agreement for ECDH-ES. */
export const auditAlgorithm = { name: 'ECDH', namedCurve: 'P-256' } as const;

export interface KeyringSettings {
  readonly careKeyArn: string;
  readonly auditKeyArn: string;
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number;
  /** Unwrapped keys stay in memory for so many owners at most. Default 1,000. */
  readonly mostOwners?: number;
  /** ...and for so many milliseconds: an erased patient's keys are gone from every process after that. Default 5 minutes. */
  readonly longestMilliseconds?: number;
}

export function careContext(owner: string): Record<string, string> {
  return { purpose: 'tandem.care.v1', owner };
}

export function auditContext(owner: string): Record<string, string> {
  return { purpose: 'tandem.audit.v1', owner };
}

/** Makes and unwraps owners' keys with KMS. Neither kind of key can be unwrapped without KMS agreeing each time. */
export function kmsKeyring(client: KMSClient, settings: KeyringSettings): Keyring {
  const { careKeyArn, auditKeyArn, now, mostOwners = 1000, longestMilliseconds = 5 * 60_000 } = settings;
  const cache = new Map<string, { readonly since: number; readonly keys: Promise<OwnerKeys> }>();

  function remember(owner: string, keys: Promise<OwnerKeys>) {
    cache.delete(owner);
    cache.set(owner, { since: now(), keys });
    for (const oldest of cache.keys()) {
      if (cache.size <= mostOwners) break;
      cache.delete(oldest);
    }
  }

  return {
    async create(owner) {
      const pair = await crypto.subtle.generateKey(auditAlgorithm, true, ['deriveBits']);
      const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
      const publicJwk = { kty: present(kty), crv: present(crv), x: present(x), y: present(y) };
      const privateJwk = new TextEncoder().encode(canonicalText({ ...publicJwk, d }));
      const [care, audit] = await Promise.all([
        client.send(
          new GenerateDataKeyCommand({ KeyId: careKeyArn, KeySpec: 'AES_256', EncryptionContext: careContext(owner) }),
        ),
        client.send(
          new EncryptCommand({ KeyId: auditKeyArn, Plaintext: privateJwk, EncryptionContext: auditContext(owner) }),
        ),
      ]);
      return {
        stored: {
          care: { keyArn: present(care.KeyId), wrapped: present(care.CiphertextBlob) },
          audit: { keyArn: present(audit.KeyId), publicJwk, wrapped: present(audit.CiphertextBlob) },
        },
        keys: { care: await careKey(care.Plaintext), audit: pair.publicKey },
      };
    },
    async open(owner, stored) {
      const cached = cache.get(owner);
      if (cached !== undefined && now() - cached.since < longestMilliseconds) return cached.keys;
      const keys = stored().then((found) => unwrap(client, owner, found));
      // Kept as a promise, so that ten events of one patient in one batch ask KMS once.
      remember(owner, keys);
      try {
        return await keys;
      } catch (error) {
        if (cache.get(owner)?.keys === keys) cache.delete(owner);
        throw error;
      }
    },
    keep(owner, keys) {
      remember(owner, Promise.resolve(keys));
    },
  };
}

async function unwrap(client: KMSClient, owner: string, stored: StoredKeys): Promise<OwnerKeys> {
  const { keyArn, wrapped } = stored.care;
  const [care, audit] = await Promise.all([
    client.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob: wrapped, EncryptionContext: careContext(owner) })),
    crypto.subtle.importKey('jwk', { ...stored.audit.publicJwk }, auditAlgorithm, false, []),
  ]);
  return { care: await careKey(care.Plaintext), audit };
}

/** Once imported the key's bytes cannot be taken out of it again. */
async function careKey(plaintext: Uint8Array | undefined): Promise<CryptoKey> {
  const bytes = Buffer.from(present(plaintext));
  try {
    return await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  } finally {
    bytes.fill(0);
    plaintext?.fill(0);
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('no key material where there must be some: check the KMS key');
  return value;
}
