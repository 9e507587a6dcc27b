import { generateKeyPairSync, sign } from 'node:crypto';
import { nodeVerify } from '../bin/commands/audit-keys.ts';
import { MemoryChangedChains, MemorySealStore } from '../functions/adapters/memory/seal-store.ts';
import { type BundleScope, everything } from '../functions/domain/audit-bundle.ts';
import { chainHash, genesis } from '../functions/domain/audit-chain.ts';
import { sha256OfText } from '../functions/domain/canonical.ts';
import { type PublicKey, publicKeyOf, verifierKey } from '../functions/domain/checkpoint.ts';
import { instantAt } from '../functions/domain/instant.ts';
import { exportEvidence } from '../functions/export-evidence.ts';
import type { Signer } from '../functions/ports/signer.ts';
import type { StoredRecord, StoredRecords } from '../functions/ports/stored-records.ts';
import { type SealingTerms, sealPeriod } from '../functions/seal-period.ts';

/** Numbers from 0 up to, but without, n; the same for the same seed. */
export function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

export const origin = 'clinic.example/tandem/audit';

export interface TestKey {
  readonly signer: Signer;
  readonly pem: string;
  readonly line: string;
}

/** A new key pair. */
export function testKey(algorithm: PublicKey['algorithm'] = 'ed25519', name = origin): TestKey {
  const { publicKey, privateKey } =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKeyOf(publicKey.export({ format: 'der', type: 'spki' }).toString('hex')) as PublicKey;
  const digest = algorithm === 'ed25519' ? null : 'sha256';
  return {
    signer: { key, sign: (text) => Promise.resolve(sign(digest, Buffer.from(text), privateKey)) },
    pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    line: verifierKey(name, key),
  };
}

export const start = Date.parse('2026-03-02T09:00:00Z');
export const period = 5 * 60_000;
export const terms: SealingTerms = {
  origin,
  rules: `sha256:${sha256OfText('rules')}`,
  zones: '2026c',
  nextKey: null,
  since: instantAt(start),
};

/** A clinic's audit in memory: chains that grow, and seals over them. */
export class SealedHistory implements StoredRecords {
  readonly store = new MemorySealStore();
  readonly changed = new MemoryChangedChains();
  readonly records = new Map<string, StoredRecord[]>();
  readonly #content: (chain: string, sequence: number) => string | null;
  signers: readonly Signer[];
  now = start;

  constructor(signer: Signer, content: (chain: string, sequence: number) => string | null = () => null) {
    this.signers = [signer];
    this.#content = content;
  }

  append(chain: string, at = this.now, hash = sha256OfText(`${chain} ${this.records.get(chain)?.length ?? 0}`)): void {
    const records = this.records.get(chain) ?? [];
    this.records.set(chain, records);
    const sequence = records.length + 1;
    const head = chainHash(chain, sequence, records.at(-1)?.head ?? genesis(chain), hash);
    records.push({
      chain,
      sequence,
      recordedAt: instantAt(at),
      recordHash: hash,
      head,
      content: this.#content(chain, sequence),
    });
    this.changed.grew(chain, sequence, head);
  }

  async seal(more: Partial<SealingTerms> = {}): Promise<void> {
    this.now += period;
    await sealPeriod(
      { store: this.store, chains: this.changed, signers: this.signers },
      { ...terms, ...more },
      instantAt(this.now),
    );
  }

  between(chain: string, firstSeq: number, lastSeq: number): StoredRecord[] {
    return (this.records.get(chain) ?? []).slice(firstSeq - 1, lastSeq);
  }

  /** The bundle's lines, without their newlines. */
  async lines(scope: BundleScope = everything): Promise<string[]> {
    const lines: string[] = [];
    const about = { scope, exportedAt: instantAt(this.now), keys: [] };
    for await (const line of exportEvidence({ store: this.store, records: this }, about)) lines.push(line.slice(0, -1));
    return lines;
  }
}

/** Twenty chains and more that grow at random over several seals, one period of them without any record. */
export async function randomHistory(
  key: TestKey,
  { chains, records, seals, seed }: { chains: number; records: number; seals: number; seed: number },
): Promise<SealedHistory> {
  const draw = numbers(seed);
  const history = new SealedHistory(key.signer, () => jweLike(draw));
  for (let seal = 0; seal < seals; seal += 1) {
    const share = seal === 1 ? 0 : Math.ceil(records / (seals - 1));
    for (let i = 0; i < share; i += 1)
      history.append(`p-${sha256OfText(String(draw(chains))).slice(0, 12)}`, history.now + i);
    await history.seal();
  }
  return history;
}

/** Looks like a JWE and has its size, but holds nothing. */
export function jweLike(draw: (n: number) => number): string {
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => draw(256))).toString('base64url');
  return JSON.stringify({ ciphertext: noise(60), iv: noise(12), tag: noise(16), protected: noise(30), aad: noise(20) });
}

export const verifySignature = nodeVerify();
