import { createSecretKey, type KeyObject } from 'node:crypto';
import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Pseudonyms } from '../../ports/pseudonyms.ts';
import { eventPseudonym, patientPseudonym } from '../keyed-hash.ts';

/** What KMS is asked to hash: the result is the clinic's key for pseudonyms, the same in every process. */
const message = new TextEncoder().encode('tandem.identity.v1');

/** Pseudonyms under a key that KMS derives from its HMAC key, once per process. */
export function kmsPseudonyms(client: KMSClient, identityKeyArn: string): Pseudonyms {
  let derived: Promise<KeyObject> | undefined;

  async function derive(): Promise<KeyObject> {
    const { Mac } = await client.send(
      new GenerateMacCommand({ KeyId: identityKeyArn, Message: message, MacAlgorithm: 'HMAC_SHA_256' }),
    );
    if (Mac?.length !== 32)
      throw new Error('KMS answered without a MAC of 32 bytes: is the identity key of type HMAC_256?');
    return createSecretKey(Mac);
  }

  function key(): Promise<KeyObject> {
    derived ??= derive().catch((error: unknown) => {
      derived = undefined;
      throw error;
    });
    return derived;
  }

  return {
    patient: async (vendorId) => patientPseudonym(await key(), vendorId),
    event: async (eventId) => eventPseudonym(await key(), eventId),
  };
}
