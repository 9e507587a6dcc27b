import type { BundleScope } from '../domain/audit-bundle.ts';
import type { AuditEntry } from '../domain/audit-chain.ts';

export interface ExportAsked {
  readonly id: string;
  readonly scope: BundleScope;
  /** Who is at the machine, and the id of the access key that AWS knows them by. */
  readonly who: string;
  readonly accessKeyId: string;
  readonly reason: string;
  /** Whether the encrypted contents come along, and whether the keys that open them do. */
  readonly contents: boolean;
  readonly keys: boolean;
}

/** Written before the first byte leaves: no export goes unrecorded, at the price of a record of one that then failed. */
export function exportRecord(
  { id, scope, who, accessKeyId, reason, contents, keys }: ExportAsked,
  rules: string,
): AuditEntry {
  const { chains, from, to } = scope;
  return {
    action: 'audit.export',
    agent: { who, role: 'clinic' },
    source: 'command line',
    part: null,
    outcome: 'success',
    reason,
    changed: false,
    rules,
    detail: { export: id, accessKeyId, chains, from, to, contents, keys },
  };
}
