import * as z from 'zod';
import type { RecordLine } from './audit-bundle.ts';
import { recordHash as commitment } from './audit-chain.ts';
import { canonicalText } from './canonical.ts';

/** What a record says of its own place. */
const placeSchema = z.looseObject({ chain: z.string(), sequence: z.number(), recordedAt: z.string() });

/** What the JWE held: 16 bytes of salt, and the record's canonical bytes. */
export interface OpenedContent {
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Compares what was decrypted with what its line says. Null where all agrees, else what does not; never a word of the content.
 */
export function contentFault(line: RecordLine, { salt, bytes }: OpenedContent): string | null {
  if (commitment(salt, bytes) !== line.recordHash) return 'the content is not what its hash commits to';
  let record: unknown;
  const text = new TextDecoder().decode(bytes);
  try {
    record = JSON.parse(text);
  } catch {
    return 'the content is not JSON';
  }
  if (canonicalText(record) !== text) return 'the content is not in canonical form (RFC 8785)';
  const { data } = placeSchema.safeParse(record);
  if (data?.chain !== line.chain || data.sequence !== line.sequence) return 'the content belongs to another place';
  return data.recordedAt === line.recordedAt ? null : 'the content bears another time';
}
