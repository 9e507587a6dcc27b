import type { AuditEntry } from '../domain/audit-chain.ts';
import type { SetAside } from '../ports/set-aside.ts';
import { shardOf, shards } from './shard.ts';

/** Chains for what belongs to no patient: several, so that their writers seldom meet. */
export const systemChains: readonly string[] = shards.map((shard) => `system-${shard}`);

/** The chain that an entry of this id stands in, always the same. */
export function systemChainOf(id: string): string {
  return `system-${shardOf(id)}`;
}

/** Characters of a reason that the audit record repeats: a message with thousands of faults must not be too large to refuse. */
const longestReason = 1000;

export function refusalRecord(entry: SetAside, rules: string): AuditEntry {
  return {
    action: 'event.set-aside',
    agent: { who: 'programme', role: 'vendor' },
    source: 'bus',
    part: null,
    outcome: 'refused',
    reason: shortened(entry.reason),
    changed: true,
    rules,
    detail: { setAside: entry.id },
  };
}

export function removalRecord(id: string, why: string, rules: string): AuditEntry {
  return {
    action: 'event.set-aside.remove',
    agent: { who: 'operator', role: 'clinic' },
    source: 'command line',
    part: null,
    outcome: 'success',
    reason: shortened(why),
    changed: true,
    rules,
    detail: { setAside: id },
  };
}

/** Well-formed whatever it quotes, since the canonical text knows no half characters. */
function shortened(reason: string): string {
  return (reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason).toWellFormed();
}

/** Oldest first; ids decide between two of one moment. */
export function byAge(a: SetAside, b: SetAside): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
