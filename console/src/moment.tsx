import type { Instant } from './contract.ts';
import { useSession } from './session.ts';
import { distanceInWords, momentInWords } from './times.ts';

/** "today, 2:05 PM (12 minutes ago)", on the reader's clock. */
export function Moment({ at }: { at: Instant }) {
  const { now, reader } = useSession();
  return (
    <time dateTime={at}>
      {momentInWords(at, now, reader)} ({distanceInWords(at, now, reader)})
    </time>
  );
}
