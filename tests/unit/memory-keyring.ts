import { auditAlgorithm, type Keyring } from '../../functions/adapters/kms/keyring.ts';

/** A keyring without KMS: real keys, wrapped by nothing. */
export function memoryKeyring(): Keyring & { readonly kept: string[] } {
  const kept: string[] = [];
  return {
    kept,
    async create() {
      const care = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      const { publicKey } = await crypto.subtle.generateKey(auditAlgorithm, true, ['deriveBits']);
      return {
        stored: {
          care: { keyArn: 'arn:care', wrapped: new Uint8Array(8) },
          audit: {
            keyArn: 'arn:audit',
            publicJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
            wrapped: new Uint8Array(8),
          },
        },
        keys: { care, audit: publicKey },
      };
    },
    open: () => Promise.reject(new Error('this keyring opens nothing')),
    keep(owner) {
      kept.push(owner);
    },
  };
}
