/** One call of a port, such as "patients.commit". */
export type Operation =
  `${'patients' | 'erasures' | 'setAsides' | 'pseudonyms' | 'canaries' | 'earlyAlerts' | 'bus' | 'nights' | 'reviewIndex' | 'alertIndex' | 'alertClaims' | 'morningMails' | 'alertTokens' | 'alertWorkflow' | 'alertMail' | 'operators' | 'reminderIndex' | 'reminderChannels' | 'trialStops'}.${string}`;

/** Injected faults. What they throw, the caller gets. */
export interface Faults {
  /** Throwing here is a crash before anything was done. */
  readonly before?: (operation: Operation) => void | Promise<void>;
  /** Throwing here is an answer lost after everything was done. */
  readonly after?: (operation: Operation) => void | Promise<void>;
}

export async function withFaults<T>(faults: Faults, operation: Operation, work: () => T): Promise<T> {
  if (faults.before !== undefined) await faults.before(operation);
  const result = work();
  if (faults.after !== undefined) await faults.after(operation);
  return result;
}
