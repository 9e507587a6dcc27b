import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  checkpointHash,
  checkpointText,
  keyHash,
  publicKeyOf,
  readCheckpoint,
  readNote,
  readTrustedKeys,
  readVerifierKey,
  signedNote,
  type TrustedKey,
  verifierKey,
  voucherOf,
} from '../../functions/domain/checkpoint.ts';
import { origin, type TestKey, testKey, verifySignature } from '../sealed-history.ts';

const checkpoint: Checkpoint = {
  origin,
  size: 3,
  root: 'ab'.repeat(32),
  seal: 2,
  period: { start: '2026-03-02T09:05:00.000Z', end: '2026-03-02T09:10:00.000Z' },
  chains: 2,
  records: 17,
  previous: 'cd'.repeat(32),
  rules: `sha256:${'ef'.repeat(32)}`,
  zones: '2026c',
  nextKey: null,
};
const text = checkpointText(checkpoint);

async function signatureBy({ signer }: TestKey, signed = text) {
  return { name: origin, keyHash: keyHash(origin, signer.key), signature: await signer.sign(signed) };
}
const trust = ({ signer }: TestKey): TrustedKey => ({ ...signer.key, name: null });

describe('the text of a checkpoint', () => {
  it('is origin, size and root as C2SP tlog-checkpoint has them, then one named line for each of the rest', () => {
    expect(text).toBe(
      [
        'clinic.example/tandem/audit',
        '3',
        'q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=',
        'seal 2',
        'period 2026-03-02T09:05:00.000Z 2026-03-02T09:10:00.000Z',
        'chains 2',
        'records 17',
        `previous ${'cd'.repeat(32)}`,
        `rules sha256:${'ef'.repeat(32)}`,
        'zones 2026c',
        '',
      ].join('\n'),
    );
    expect(checkpointHash(text)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([checkpoint, { ...checkpoint, previous: null }, { ...checkpoint, nextKey: testKey().line }])(
    'is read back as it was written',
    (written) => {
      expect(readCheckpoint(checkpointText(written))).toEqual(written);
    },
  );

  it.each([
    ['an empty text', ''],
    ['a line too many', `${text}more\n`],
    ['a line too few', text.replace('seal 2\n', '')],
    ['a number with a zero before it', text.replace('seal 2', 'seal 02')],
    ['a root that is no hash', text.replace('q6ur', 'q6u!')],
    ['a root whose last bits are not zero', text.replace('q6s=', 'q6t=')],
    ['a time that is none', text.replace('09:10', '09:61')],
    ['a time in another form', text.replace('09:10:00.000Z', '09:10:00Z')],
    ['a line cut short', text.slice(0, -1)],
    ['a previous hash cut short', text.replace('cdcd\n', 'cd\n')],
  ])('with %s is refused', (_, wrong) => {
    expect(readCheckpoint(wrong)).toBeNull();
  });

  it('has nearly the same size whatever it covers, far below the 4,096 bytes that KMS signs (K04)', () => {
    const large = { ...checkpoint, size: 10 ** 9, chains: 100_000, records: 10 ** 10, seal: 10 ** 6 };
    expect(checkpointText(large).length - text.length).toBeLessThan(50);
    expect(checkpointText({ ...large, nextKey: testKey('ecdsa-p256').line }).length).toBeLessThan(1024);
  });
});

describe('a signed note', () => {
  it('made by the reference implementation is read and verified', () => {
    // The example of golang.org/x/mod/sumdb/note.
    const key = readVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const note =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
      '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
    const read = readNote(note);
    expect(key).not.toBeNull();
    expect(read?.signatures).toMatchObject([{ name: 'PeterNeumann', keyHash: 'c74f20a3' }]);
    expect(voucherOf(read?.text ?? '', read?.signatures ?? [], [key as TrustedKey], verifySignature)).toBe('trusted');
  });

  it.each([
    ['no empty line', 'text\n'],
    ['an unreadable signature line', 'text\n\nsigned by me\n'],
    ['a signature that is not base64', 'text\n\n\u2014 name !!!!\n'],
    [
      'more than sixteen signatures',
      signedNote(
        'text\n',
        Array.from({ length: 17 }, () => ({ name: 'n', keyHash: '00000000', signature: new Uint8Array(64) })),
      ),
    ],
  ])('with %s is refused', (_, note) => {
    expect(readNote(note)).toBeNull();
  });

  it.each(['ed25519', 'ecdsa-p256'] as const)('is vouched for by a trusted %s key', async (algorithm) => {
    const key = testKey(algorithm);
    const note = readNote(signedNote(text, [await signatureBy(key)]));
    expect(note?.text).toBe(text);
    expect(voucherOf(text, note?.signatures ?? [], [trust(key)], verifySignature)).toBe('trusted');
  });

  it('is not vouched for by a key nobody trusts, nor by a trusted one under another name', async () => {
    const key = testKey();
    const signatures = [await signatureBy(key)];
    expect(voucherOf(text, signatures, [trust(testKey())], verifySignature)).toBe('unknown-key');
    expect(voucherOf(text, signatures, [{ ...key.signer.key, name: 'another' }], verifySignature)).toBe('unknown-key');
  });

  it('is condemned by one bad signature of a trusted key, whatever good one stands beside it', async () => {
    const [one, two] = [testKey(), testKey()];
    const good = await signatureBy(one);
    const bad = await signatureBy(two, 'another text\n');
    for (const signatures of [
      [good, bad],
      [bad, good],
    ])
      expect(voucherOf(text, signatures, [trust(one), trust(two)], verifySignature)).toBe('forged');
  });

  it('is verified over the text itself, not over a hash of it (K05)', async () => {
    const key = testKey('ecdsa-p256');
    const hashed = await key.signer.sign(checkpointHash(text));
    const signature = { name: origin, keyHash: keyHash(origin, key.signer.key), signature: hashed };
    expect(voucherOf(text, [signature], [trust(key)], verifySignature)).toBe('forged');
  });

  it.skipIf(spawnSync('openssl', ['version']).status !== 0).each(['ed25519', 'ecdsa-p256'] as const)(
    'is verified by OpenSSL too: %s (K05; skipped without openssl)',
    async (algorithm) => {
      const folder = mkdtempSync(join(tmpdir(), 'tandem-note-'));
      const key = testKey(algorithm);
      const files = { key: join(folder, 'key.pem'), text: join(folder, 'text'), signature: join(folder, 'signature') };
      writeFileSync(files.key, key.pem);
      writeFileSync(files.text, text);
      writeFileSync(files.signature, await key.signer.sign(text));
      const how = algorithm === 'ed25519' ? ['-rawin'] : ['-rawin', '-digest', 'sha256'];
      const command = [
        'pkeyutl',
        '-verify',
        '-pubin',
        '-inkey',
        files.key,
        ...how,
        '-in',
        files.text,
        '-sigfile',
        files.signature,
      ];
      expect(spawnSync('openssl', command, { encoding: 'utf8' }).stdout).toContain('Verified Successfully');
      rmSync(folder, { recursive: true });
    },
  );
});

describe('a public key', () => {
  it('has the key hash of signed-note: with the name for Ed25519, of the DER key for ECDSA', () => {
    const [ed, ec] = [testKey().signer.key, testKey('ecdsa-p256').signer.key];
    expect(keyHash('a', ed)).not.toBe(keyHash('b', ed));
    expect(keyHash('a', ec)).toBe(keyHash('b', ec));
  });

  it.each(['ed25519', 'ecdsa-p256'] as const)('of %s is read from PEM and from its verifier line', (algorithm) => {
    const key = testKey(algorithm);
    expect(readTrustedKeys(`${key.pem}\n${key.line}\n`)).toEqual([trust(key), { ...key.signer.key, name: origin }]);
  });

  it('is refused where it is another kind of key, or its hash is not its own', () => {
    const { line } = testKey();
    expect(readVerifierKey(line.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).toBeNull();
    expect(readVerifierKey('name+c74f20a3+AQ==')).toBeNull();
    expect(readVerifierKey('nothing')).toBeNull();
    expect(publicKeyOf('3059')).toBeNull();
    expect(readTrustedKeys('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toEqual([]);
    expect(verifierKey('a', testKey().signer.key)).toMatch(/^a\+[0-9a-f]{8}\+AQ?/);
  });
});
