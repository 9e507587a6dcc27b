import type { Instant } from '../domain/instant.ts';

/** A message that could not be taken, kept until somebody has mended it. */
export interface SetAside {
  readonly id: string;
  readonly at: Instant;
  /** What was wrong, in words and paths; never a value. */
  readonly reason: string;
  /** The message as it came, verbatim. */
  readonly body: string;
}

export interface SetAsides {
  /** Keeps the message encrypted, with an audit record of its refusal. The same id twice keeps it once. */
  put(entry: SetAside): Promise<void>;
  /** All that wait, oldest first. */
  list(): Promise<SetAside[]>;
  /** Takes one off the list after it was sent again; the audit record says so. False where it was not there. */
  remove(id: string, why: string): Promise<boolean>;
}
