import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { kmsSigner } from '../../functions/adapters/kms/signer.ts';

const kms = mockClient(KMSClient);
beforeEach(() => {
  kms.reset();
});

const keyArn = 'arn:aws:kms:eu-north-1:000000000000:key/signing';
const signerOf = () => kmsSigner(new KMSClient({}), keyArn);

const pairs = {
  ed25519: generateKeyPairSync('ed25519'),
  'ecdsa-p256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
const derOf = (pair: (typeof pairs)['ed25519']) => pair.publicKey.export({ type: 'spki', format: 'der' });

const kinds = [
  { algorithm: 'ed25519', kmsName: 'ED25519_SHA_512', hash: null },
  { algorithm: 'ecdsa-p256', kmsName: 'ECDSA_SHA_256', hash: 'sha256' },
] as const;

describe('a signer in KMS', () => {
  it.each(kinds)('signs the text itself with a key of $algorithm, which its public half verifies', async (kind) => {
    const pair = pairs[kind.algorithm];
    kms.on(GetPublicKeyCommand, { KeyId: keyArn }).resolves({ PublicKey: derOf(pair) });
    kms.on(SignCommand).callsFake(({ Message }) => ({ Signature: sign(kind.hash, Message, pair.privateKey) }));
    const signer = await signerOf();
    expect(signer.key).toEqual({ algorithm: kind.algorithm, der: derOf(pair).toString('hex') });
    const text = 'a checkpoint\n— of more than ASCII\n';
    expect(verify(kind.hash, Buffer.from(text), pair.publicKey, await signer.sign(text))).toBe(true);
    expect(kms).toHaveReceivedCommandWith(SignCommand, {
      KeyId: keyArn,
      Message: Buffer.from(text),
      MessageType: 'RAW',
      SigningAlgorithm: kind.kmsName,
    });
  });

  it('asks for the public half once, however often it signs', async () => {
    kms.on(GetPublicKeyCommand).resolves({ PublicKey: derOf(pairs.ed25519) });
    kms.on(SignCommand).resolves({ Signature: new Uint8Array(64) });
    const signer = await signerOf();
    await signer.sign('one');
    await signer.sign('two');
    expect(kms.commandCalls(GetPublicKeyCommand)).toHaveLength(1);
    expect(kms.commandCalls(SignCommand)).toHaveLength(2);
  });

  it('is refused where the key is of another kind, or KMS answers without one', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    kms.on(GetPublicKeyCommand).resolves({ PublicKey: derOf(rsa) });
    await expect(signerOf()).rejects.toThrow('neither Ed25519 nor ECDSA P-256');
    kms.on(GetPublicKeyCommand).resolves({});
    await expect(signerOf()).rejects.toThrow('neither Ed25519 nor ECDSA P-256');
  });

  it('makes no seal of an answer without a signature', async () => {
    kms.on(GetPublicKeyCommand).resolves({ PublicKey: derOf(pairs.ed25519) });
    kms.on(SignCommand).resolves({});
    await expect((await signerOf()).sign('text')).rejects.toThrow('without a signature');
  });

  it('passes on what KMS refuses, of the key and of a signature', async () => {
    kms.on(GetPublicKeyCommand).rejects(new Error('the key is disabled'));
    await expect(signerOf()).rejects.toThrow('the key is disabled');
    kms.on(GetPublicKeyCommand).resolves({ PublicKey: derOf(pairs.ed25519) });
    kms.on(SignCommand).rejects(new Error('not the sealer'));
    await expect((await signerOf()).sign('text')).rejects.toThrow('not the sealer');
  });
});
