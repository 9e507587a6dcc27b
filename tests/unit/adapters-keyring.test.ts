import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { auditPrivateKey } from '../../functions/adapters/kms/audit-reader.ts';
import { openAudit, openCare, sealAudit, sealCare } from '../../functions/adapters/kms/envelope.ts';
import { kmsKeyring, type StoredKeys } from '../../functions/adapters/kms/keyring.ts';
import { kmsPseudonyms } from '../../functions/adapters/kms/pseudonyms.ts';

const kms = mockClient(KMSClient);
const client = new KMSClient({});
const minutes = 60_000;

const wrap = (keyArn: string, context: unknown, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`${keyArn}${JSON.stringify(context)}|`), bytes]);

/** KMS that "wraps" by putting the context in front: what is unwrapped under another context or key is refused. */
function answerAsKms() {
  kms.on(GenerateDataKeyCommand).callsFake(({ KeyId, EncryptionContext }) => {
    const Plaintext = crypto.getRandomValues(new Uint8Array(32));
    const keyArn = `${KeyId}-resolved`;
    return { KeyId: keyArn, Plaintext, CiphertextBlob: wrap(keyArn, EncryptionContext, Plaintext) };
  });
  kms.on(EncryptCommand).callsFake(({ KeyId, EncryptionContext, Plaintext }) => {
    const keyArn = `${KeyId}-resolved`;
    return { KeyId: keyArn, CiphertextBlob: wrap(keyArn, EncryptionContext, Plaintext) };
  });
  kms.on(DecryptCommand).callsFake(({ KeyId, EncryptionContext, CiphertextBlob }) => {
    const start = wrap(KeyId, EncryptionContext, new Uint8Array());
    if (!Buffer.from(CiphertextBlob).subarray(0, start.length).equals(start)) throw new Error('InvalidCiphertext');
    return { Plaintext: Uint8Array.from(CiphertextBlob.subarray(start.length)) };
  });
}

const unwraps = () => kms.commandCalls(DecryptCommand).length;

describe('the keyring', () => {
  let clock = 0;
  const keyring = (over = {}) =>
    kmsKeyring(client, { careKeyArn: 'arn:care', auditKeyArn: 'arn:audit', now: () => clock, ...over });

  beforeEach(() => {
    kms.reset();
    answerAsKms();
    clock = 0;
  });

  it('unwraps what it made, with the ARN that KMS answered and the owner bound to it (K01)', async () => {
    const { stored, keys } = await keyring().create('p-1');
    expect(stored.care.keyArn).toBe('arn:care-resolved');
    const sealed = await sealCare(keys.care, 'p-1', 'head', Buffer.from('content'));
    const opened = await keyring({ careKeyArn: 'arn:other' }).open('p-1', async () => stored);
    expect(Buffer.from(await openCare(opened.care, 'p-1', 'head', sealed)).toString()).toBe('content');
    await expect(keyring().open('p-2', async () => stored)).rejects.toThrow('InvalidCiphertext');
    expect(kms).toHaveReceivedCommandWith(DecryptCommand, {
      KeyId: 'arn:care-resolved',
      EncryptionContext: { purpose: 'tandem.care.v1', owner: 'p-1' },
    });
  });

  it('lets whoever may decrypt under the audit key read the records, and nobody else', async () => {
    const { stored, keys } = await keyring().create('p-1');
    const place = { chain: 'p-1', sequence: 3 };
    const salt = new Uint8Array(16).fill(7);
    const sealed = await sealAudit(keys.audit, place, salt, Buffer.from('record'));
    const key = await auditPrivateKey(client, 'p-1', stored.audit);
    expect(await openAudit(key, place, sealed)).toEqual({ salt, bytes: new Uint8Array(Buffer.from('record')) });
    await expect(openAudit(key, { ...place, sequence: 4 }, sealed)).rejects.toThrow(
      'audit record 4 of p-1 does not open',
    );
    await expect(openAudit(keys.audit, place, sealed)).rejects.toThrow('does not open');
    await expect(auditPrivateKey(client, 'p-2', stored.audit)).rejects.toThrow('InvalidCiphertext');
  });

  it('opens nothing but the two kinds of envelope it makes', async () => {
    const { keys } = await keyring().create('p-1');
    for (const sealed of ['', '{}', '{"ciphertext":"","iv":"","tag":"","protected":"e30"}']) {
      await expect(openCare(keys.care, 'p-1', 'head', sealed)).rejects.toThrow(
        'the content of head of p-1 does not open: it was changed, moved, or encrypted under another key',
      );
    }
  });

  it('keeps no key that can be taken out of it', async () => {
    const { stored } = await keyring().create('p-1');
    const { care, audit } = await keyring().open('p-1', async () => stored);
    expect([care.extractable, audit.usages]).toEqual([false, []]);
  });

  it('asks once for an owner within five minutes, and again after that (K06)', async () => {
    const ring = keyring();
    const { stored } = await ring.create('p-1');
    const read = vi.fn<() => Promise<StoredKeys>>(async () => stored);
    await Promise.all([ring.open('p-1', read), ring.open('p-1', read)]);
    clock = 5 * minutes - 1;
    await ring.open('p-1', read);
    expect([unwraps(), read.mock.calls.length]).toEqual([1, 1]);
    clock = 5 * minutes;
    await ring.open('p-1', read);
    expect([unwraps(), read.mock.calls.length]).toEqual([2, 2]);
  });

  it('keeps so many owners and no more, the longest known going first', async () => {
    const ring = keyring({ mostOwners: 2 });
    const stored = new Map<string, StoredKeys>();
    for (const owner of ['p-1', 'p-2', 'p-3']) stored.set(owner, (await ring.create(owner)).stored);
    const open = (owner: string) => ring.open(owner, async () => stored.get(owner) as StoredKeys);
    for (const owner of ['p-1', 'p-2', 'p-3', 'p-2', 'p-3']) await open(owner);
    expect(unwraps()).toBe(3);
    await open('p-1');
    expect(unwraps()).toBe(4);
  });

  it('takes keys that were kept without asking', async () => {
    const ring = keyring();
    const { keys } = await ring.create('p-1');
    ring.keep('p-1', keys);
    expect(await ring.open('p-1', () => Promise.reject(new Error('asked')))).toBe(keys);
    expect(unwraps()).toBe(0);
  });

  it('does not remember a failure', async () => {
    const ring = keyring();
    const { stored } = await ring.create('p-1');
    await expect(ring.open('p-1', () => Promise.reject(new Error('the table is away')))).rejects.toThrow('away');
    expect(await ring.open('p-1', async () => stored)).toBeDefined();
  });

  it('does not let the failure of an old call forget what a newer one found', async () => {
    const ring = keyring();
    const { stored, keys } = await ring.create('p-1');
    const late = Promise.withResolvers<StoredKeys>();
    const failing = ring.open('p-1', () => late.promise);
    ring.keep('p-1', keys);
    late.reject(new Error('the table is away'));
    await expect(failing).rejects.toThrow('away');
    expect(await ring.open('p-1', async () => stored)).toBe(keys);
  });

  it('says so where KMS gives no key material', async () => {
    kms.on(GenerateDataKeyCommand).resolves({});
    await expect(keyring().create('p-1')).rejects.toThrow('no key material');
  });
});

describe('the key of the pseudonyms', () => {
  beforeEach(() => {
    kms.reset();
  });

  it('is derived by KMS once in the life of a process, also when many ask at once', async () => {
    kms.on(GenerateMacCommand).resolves({ Mac: new Uint8Array(32).fill(1) });
    const pseudonyms = kmsPseudonyms(client, 'arn:identity');
    await Promise.all([pseudonyms.patient('a'), pseudonyms.patient('b'), pseudonyms.event('a')]);
    expect(kms).toHaveReceivedCommandTimes(GenerateMacCommand, 1);
    expect(kms).toHaveReceivedCommandWith(GenerateMacCommand, {
      KeyId: 'arn:identity',
      MacAlgorithm: 'HMAC_SHA_256',
      Message: Buffer.from('tandem.identity.v1'),
    });
  });

  it('is asked for again after a failure', async () => {
    kms
      .on(GenerateMacCommand)
      .rejectsOnce(new Error('away'))
      .resolves({ Mac: new Uint8Array(32).fill(1) });
    const pseudonyms = kmsPseudonyms(client, 'arn:identity');
    await expect(pseudonyms.patient('a')).rejects.toThrow('away');
    expect(await pseudonyms.patient('a')).toMatch(/^p-/);
  });

  it('is refused where KMS gives one of another length', async () => {
    kms.on(GenerateMacCommand).resolves({ Mac: new Uint8Array(48) });
    await expect(kmsPseudonyms(client, 'arn:identity').event('a')).rejects.toThrow(
      'is the identity key of type HMAC_256?',
    );
  });
});
