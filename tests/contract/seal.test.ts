import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { nodeVerify } from '../../bin/commands/audit-keys.ts';
import { careItems } from '../../functions/adapters/dynamodb/care-table.ts';
import { dynamoChangedChains } from '../../functions/adapters/dynamodb/changed-chains.ts';
import { dynamoStoredRecords } from '../../functions/adapters/dynamodb/stored-records.ts';
import { kmsSigner } from '../../functions/adapters/kms/signer.ts';
import { MemoryChangedChains, MemorySealStore } from '../../functions/adapters/memory/seal-store.ts';
import { s3SealStore } from '../../functions/adapters/s3/seal-store.ts';
import { sha256OfText } from '../../functions/domain/canonical.ts';
import { keyHash, readNote, signedNote, voucherOf } from '../../functions/domain/checkpoint.ts';
import type { StoredRecord } from '../../functions/ports/stored-records.ts';
import { activity, newPatient, recorded } from './changes.ts';
import { createTables, emulatedDynamoDB, emulatedKMS, emulatedS3, processOver } from './emulated-tables.ts';
import { sealContract } from './seal-contract.ts';

sealContract('in memory', async () => {
  const chains = new MemoryChangedChains();
  const sequences = new Map<string, number>();
  return {
    store: new MemorySealStore(),
    chains,
    grow: async (chain) => {
      const sequence = (sequences.get(chain) ?? 0) + 1;
      sequences.set(chain, sequence);
      const head = sha256OfText(`${chain} ${sequence}`);
      chains.grew(chain, sequence, head);
      return { sequence, head };
    },
  };
});

sealContract('in S3 and DynamoDB', async () => {
  const { tables, patients } = await freshTables();
  const buckets = { logBucket: `log-${randomUUID()}`, stagingBucket: `staging-${randomUUID()}` };
  const s3 = emulatedS3();
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  const dynamoDB = emulatedDynamoDB();
  return {
    store: s3SealStore({ s3, dynamoDB, careTable: tables.careTable, ...buckets }),
    chains: dynamoChangedChains(dynamoDB, tables.careTable, careItems(dynamoDB, tables.careTable)),
    grow: async (chain) => {
      const patient = await patients.load(chain);
      await patients.commit(patient, recorded(patient, activity()));
      const { version, head } = await patients.load(chain);
      return { sequence: version, head };
    },
  };
});

async function freshTables() {
  const tables = await createTables();
  return { tables, ...processOver(tables) };
}

describe('the records as an export reads them', () => {
  it('are those of the range, in order, with or without content', async () => {
    const { tables, patients, audit } = await freshTables();
    const chain = newPatient();
    for (let count = 0; count < 4; count += 1) {
      const patient = await patients.load(chain);
      await patients.commit(patient, recorded(patient, activity()));
    }
    const stored = await audit.stored(chain);
    async function read(withContent: boolean): Promise<StoredRecord[]> {
      const records: StoredRecord[] = [];
      const adapter = dynamoStoredRecords(emulatedDynamoDB(), tables.auditTable, withContent);
      for await (const record of adapter.between(chain, 2, 3)) records.push(record);
      return records;
    }
    expect(await read(true)).toEqual(stored.slice(1, 3));
    expect((await read(false)).map(({ content }) => content)).toEqual([null, null]);
  });
});

describe('K05: a signature of KMS', () => {
  it.each(['ECC_NIST_EDWARDS25519', 'ECC_NIST_P256'] as const)(
    'under %s is over the text itself, and holds for node:crypto and for the verifier',
    async (KeySpec) => {
      const kms = emulatedKMS();
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
      const signer = await kmsSigner(kms, KeyMetadata?.Arn ?? '');
      const text = 'clinic.example/tandem\n1\nroot\n';
      const signature = await signer.sign(text);
      const key = createPublicKey({ key: Buffer.from(signer.key.der, 'hex'), format: 'der', type: 'spki' });
      const digest = KeySpec === 'ECC_NIST_P256' ? 'sha256' : null;
      expect(verify(digest, Buffer.from(text), key, signature)).toBe(true);
      expect(verify(digest, Buffer.from(`${text} `), key, signature)).toBe(false);

      const name = 'clinic.example/tandem';
      const note = readNote(signedNote(text, [{ name, keyHash: keyHash(name, signer.key), signature }]));
      expect(note && voucherOf(note.text, note.signatures, [{ ...signer.key, name }], nodeVerify())).toBe('trusted');
    },
  );

  it('is refused by the adapter where the key is of another kind', async () => {
    const kms = emulatedKMS();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }));
    await expect(kmsSigner(kms, KeyMetadata?.Arn ?? '')).rejects.toThrow('neither Ed25519 nor ECDSA P-256');
  });
});
