import type { ComponentChildren } from 'preact';
import type { Status, Tier } from './contract.ts';

/** A word in a coloured shape; the word says it all. */
export function Badge({ kind, children }: { kind: Tier | Status; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>;
}
