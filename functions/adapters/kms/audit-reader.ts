import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { CryptoKey } from 'jose';
import { auditAlgorithm, auditContext, type StoredKeys } from './keyring.ts';

/**
 * The private key that opens an owner's audit records. Only a role that may kms:Decrypt under the audit key gets it: the
 * export's, never a function's.
 */
export async function auditPrivateKey(
  client: KMSClient,
  owner: string,
  stored: StoredKeys['audit'],
): Promise<CryptoKey> {
  const { Plaintext } = await client.send(
    new DecryptCommand({
      KeyId: stored.keyArn,
      CiphertextBlob: stored.wrapped,
      EncryptionContext: auditContext(owner),
    }),
  );
  return crypto.subtle.importKey('jwk', JSON.parse(new TextDecoder().decode(Plaintext)), auditAlgorithm, false, [
    'deriveBits',
  ]);
}
