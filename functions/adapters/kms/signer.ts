import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { type PublicKey, publicKeyOf } from '../../domain/checkpoint.ts';
import type { Signer } from '../../ports/signer.ts';

/** A key in KMS whose private half never leaves it. Asks for the public half once. */
export async function kmsSigner(client: KMSClient, keyArn: string): Promise<Signer> {
  const { PublicKey: der } = await client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  const key = der === undefined ? null : publicKeyOf(Buffer.from(der).toString('hex'));
  if (key === null) throw new Error('the signing key is neither Ed25519 nor ECDSA P-256');
  return {
    key,
    async sign(text) {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyArn,
          // The text itself, never a hash of it: KMS and the emulator then agree with every verifier (K05).
          Message: Buffer.from(text, 'utf8'),
          MessageType: 'RAW',
          SigningAlgorithm: algorithmOf(key),
        }),
      );
      if (Signature === undefined) throw new Error('KMS answered without a signature');
      return Signature;
    },
  };
}

function algorithmOf({ algorithm }: PublicKey): 'ED25519_SHA_512' | 'ECDSA_SHA_256' {
  return algorithm === 'ed25519' ? 'ED25519_SHA_512' : 'ECDSA_SHA_256';
}
