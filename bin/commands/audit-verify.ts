import { isAscii } from 'node:buffer';
import type { CryptoKey } from 'jose';
import { openAudit } from '../../functions/adapters/kms/envelope.ts';
import { longestLine, type RecordLine } from '../../functions/domain/audit-bundle.ts';
import { type AuditReport, AuditVerification } from '../../functions/domain/audit-verify.ts';
import type { AuditFault } from '../../functions/domain/audit-verify-fault.ts';
import type { TrustedBasis } from '../../functions/domain/audit-verify-seal.ts';

/** What a run tells whoever watches it, a few times a second at most. */
export type Watch = (bytes: number) => void;

/**
 * Runs a bundle's bytes through the verifier: one chunk and one line are held at a time.
 * @param keys null for a chain whose keys were erased.
 * @returns null where not a single line of the bytes is one of a bundle.
 */
export async function verifyBundle(
  bytes: AsyncIterable<Uint8Array>,
  basis: TrustedBasis,
  keys: ReadonlyMap<string, CryptoKey | null>,
  watch: Watch = () => {},
): Promise<AuditReport | null> {
  const verification = new AuditVerification(basis);
  let rest = '';
  let isTooLong = false;
  let read = 0;
  for await (const chunk of bytes) {
    const text = textOf(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = start === 0 ? rest + text.slice(0, end) : text.slice(start, end);
      start = end + 1;
      if (isTooLong || line.length > longestLine) verification.unterminated();
      else {
        const record = verification.line(line);
        const key = record === null ? undefined : keys.get(record.chain);
        if (key === null) verification.erased();
        else if (record !== null && key !== undefined && record.quoted !== null)
          verification.content(record, await opened(key, record, record.quoted));
      }
      rest = '';
      isTooLong = false;
    }
    rest = isTooLong ? '' : rest + text.slice(start);
    if (rest.length > longestLine) {
      isTooLong = true;
      rest = '';
    }
    read += chunk.length;
    watch(read);
  }
  if (rest !== '' || isTooLong) verification.unterminated();
  return verification.isBundle ? verification.end() : null;
}

/** One character a byte. A bundle is ASCII; a byte beyond it becomes one that no line may hold. */
function textOf(chunk: Uint8Array): string {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
  return isAscii(chunk) ? text : text.replace(/[\u0080-\u00ff]/g, '\u0000');
}

async function opened(key: CryptoKey, record: RecordLine, quoted: string) {
  try {
    const content: string = JSON.parse(quoted);
    return await openAudit(key, record, content);
  } catch {
    return null;
  }
}

/** "altered  chain p-…, record 12  line 345: why". */
export function faultText({ kind, chain, sequence, seal, line, detail }: AuditFault): string {
  const where = [
    ...(chain === null ? [] : [`chain ${chain}, record ${sequence}`]),
    ...(seal === null ? [] : [`seal ${seal}`]),
    `line ${line}`,
  ];
  return `${kind.padEnd(14)}  ${where.join(', ')}: ${detail}`;
}

/** The summary a person reads after the faults. */
export function summaryText({ faults, newest, checked, notChecked }: AuditReport): string {
  const verdict =
    faults.length === 0 ? 'No fault found.' : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} found.`;
  return [
    verdict,
    ...(newest === null
      ? []
      : [`Newest seal: ${newest.seal} of ${newest.end}, ${newest.size} entries, root ${newest.root}`]),
    ...checked.map((text) => `Checked: ${text}.`),
    ...notChecked.map((text) => `NOT checked: ${text}.`),
  ].join('\n');
}
