import type { PublicKey } from '../domain/checkpoint.ts';

/** A signing key whose private half nobody can read, such as one in KMS. */
export interface Signer {
  readonly key: PublicKey;
  /**
   * Signs the text's UTF-8 bytes themselves, never a hash of them: Ed25519 gives 64 bytes, ECDSA P-256 with SHA-256 an ASN.1 DER
   * signature. Two calls may give two different signatures; both are good.
   */
  sign(text: string): Promise<Uint8Array>;
}
