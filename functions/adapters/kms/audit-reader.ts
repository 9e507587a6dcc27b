import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { CryptoKey, JWK } from 'jose';
import { auditAlgorithm, auditContext, type StoredKeys } from './keyring.ts';

/**
 * The private key that opens an owner's audit records, as a JWK. Only a role that may kms:Decrypt under the audit key gets it: the
 * export's, never a function's.
 */
export async function auditPrivateJwk(client: KMSClient, owner: string, stored: StoredKeys['audit']): Promise<JWK> {
  const { Plaintext } = await client.send(
    new DecryptCommand({
      KeyId: stored.keyArn,
      CiphertextBlob: stored.wrapped,
      EncryptionContext: auditContext(owner),
    }),
  );
  return JSON.parse(new TextDecoder().decode(Plaintext));
}

/** The same key, out of which nobody can take its bytes again. */
export async function auditPrivateKey(
  client: KMSClient,
  owner: string,
  stored: StoredKeys['audit'],
): Promise<CryptoKey> {
  const jwk = await auditPrivateJwk(client, owner, stored);
  return crypto.subtle.importKey('jwk', { ...jwk }, auditAlgorithm, false, ['deriveBits']);
}
