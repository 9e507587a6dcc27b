import { sha256Hex } from '../../functions/domain/canonical.ts';

/**
 * A stream of chance that its seed repeats exactly: xorshift, 32 bits (Marsaglia 2003). Good enough for made-up people,
 * never for secrets.
 */
export class Chance {
  #state: number;

  /** @param seed any text; each has a stream of its own. */
  constructor(seed: string) {
    // All states but 0 follow each other in one circle; 0 would stay 0.
    this.#state = Number.parseInt(sha256Hex('tandem.simulate.v1\u0000', seed).slice(0, 8), 16) || 1;
  }

  /** From 0 to below 1. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 2 ** 32;
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number, both ends included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** A whole number around a mean that need not be one: 1.3 is 1 or 2. */
  about(mean: number): number {
    return Math.floor(mean) + (this.happens(mean - Math.floor(mean)) ? 1 : 0);
  }

  /** Normal with mean 0 and standard deviation 1 (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** One of the entries, each as often as its weight says; weights add up to 1. */
  pick<T>(first: readonly [T, number], ...others: readonly (readonly [T, number])[]): T {
    let rest = this.next() - first[1];
    let picked = first[0];
    for (const [value, weight] of others) {
      if (rest < 0) break;
      picked = value;
      rest -= weight;
    }
    return picked;
  }
}
