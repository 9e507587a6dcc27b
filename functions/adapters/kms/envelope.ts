import { type CryptoKey, FlattenedEncrypt, type FlattenedJWE, flattenedDecrypt } from 'jose';
import { canonicalText } from '../../domain/canonical.ts';

/** Encrypted content that does not open: it was changed, moved from another item, or belongs to another key. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

export const saltBytes = 16;

/**
 * Content of the care table as a JWE ("dir", A256GCM, flattened JSON text). Owner and sort key of the item are bound to it,
 * so that nobody can move content from one item to another.
 * @param key the owner's AES-256-GCM data key.
 */
export async function sealCare(key: CryptoKey, owner: string, item: string, content: Uint8Array): Promise<string> {
  const jwe = await new FlattenedEncrypt(content)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setAdditionalAuthenticatedData(careContext(owner, item))
    .encrypt(key);
  return JSON.stringify(jwe);
}

/** @throws Unreadable */
export function openCare(key: CryptoKey, owner: string, item: string, sealed: string): Promise<Uint8Array> {
  return open(key, 'dir', careContext(owner, item), sealed, `the content of ${item} of ${owner}`);
}

/**
 * A record of the audit table as a JWE ("ECDH-ES", A256GCM, flattened JSON text) of the salt followed by the record's bytes,
 * bound to its place in the chain. Whoever writes it cannot read it: that takes the owner's private key.
 */
export async function sealAudit(
  publicKey: CryptoKey,
  place: { readonly chain: string; readonly sequence: number },
  salt: Uint8Array,
  bytes: Uint8Array,
): Promise<string> {
  const jwe = await new FlattenedEncrypt(Buffer.concat([salt, bytes]))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .setAdditionalAuthenticatedData(auditContext(place.chain, place.sequence))
    .encrypt(publicKey);
  return JSON.stringify(jwe);
}

/**
 * Opens it only where it stands byte for byte as it was written: as evidence, text that opens is not enough.
 * @throws Unreadable
 */
export async function openAudit(
  privateKey: CryptoKey,
  place: { readonly chain: string; readonly sequence: number },
  sealed: string,
): Promise<{ readonly salt: Uint8Array; readonly bytes: Uint8Array }> {
  const { chain, sequence } = place;
  const what = `audit record ${sequence} of ${chain}`;
  const context = auditContext(chain, sequence);
  const plain = await open(privateKey, 'ECDH-ES', context, sealed, what);
  if (!isAsWritten(sealed, context)) throw new Unreadable(`${what} opens, but its text was changed`);
  return { salt: plain.subarray(0, saltBytes), bytes: plain.subarray(saltBytes) };
}

async function open(key: CryptoKey, algorithm: string, context: Uint8Array, sealed: string, what: string) {
  try {
    // The context that belongs to the place it was found at decides, not the one written beside the content.
    const jwe: FlattenedJWE = JSON.parse(sealed);
    const { plaintext } = await flattenedDecrypt({ ...jwe, aad: Buffer.from(context).toString('base64url') }, key, {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return plaintext;
  } catch {
    throw new Unreadable(`${what} does not open: it was changed, moved, or encrypted under another key`);
  }
}

/**
 * Whether JWE text that opens is in its one form. Base64 has bits that a reader ignores, JSON has blanks, and the context is not read
 * from the text.
 */
function isAsWritten(sealed: string, context: Uint8Array): boolean {
  const jwe: { readonly [member: string]: unknown } = JSON.parse(sealed);
  return (
    JSON.stringify(jwe) === sealed &&
    Object.keys(jwe).length === 5 &&
    jwe['aad'] === Buffer.from(context).toString('base64url') &&
    Object.values(jwe).every(isPlainBase64)
  );
}

const isPlainBase64 = (member: unknown) =>
  typeof member === 'string' && Buffer.from(member, 'base64url').toString('base64url') === member;

function careContext(owner: string, item: string): Uint8Array {
  return new TextEncoder().encode(canonicalText({ v: 1, owner, item }));
}

function auditContext(chain: string, sequence: number): Uint8Array {
  return new TextEncoder().encode(canonicalText({ v: 1, chain, sequence }));
}
