export interface IdleWatch {
  /** Somebody is there: the time starts anew, unless it has run out already. */
  readonly active: () => void;
  /** Compares with the clock. Harmless at any moment and any number of times. */
  readonly look: () => void;
}

export interface IdleLimits {
  /** How long nothing may happen, in milliseconds. */
  readonly limit: number;
  /** How long before that it is said, in milliseconds (WCAG 2.2.1 asks for 20 seconds or more). */
  readonly warning: number;
}

/**
 * Whether somebody is still there, by the clock and not by a timer: a computer that was asleep has counted the time, too.
 * @param tell gets every change: `active`, `warned`, and at the end `idle`, once.
 */
export function idleWatch(
  { limit, warning }: IdleLimits,
  clock: () => number,
  tell: (state: 'active' | 'warned' | 'idle') => void,
): IdleWatch {
  let last = clock();
  let state: 'active' | 'warned' | 'idle' = 'active';
  const become = (next: typeof state) => {
    if (next === state) return;
    state = next;
    tell(next);
  };
  const look = () => {
    const idle = clock() - last;
    if (state === 'idle' || idle >= limit) become('idle');
    else become(idle >= limit - warning ? 'warned' : 'active');
  };
  return {
    look,
    active: () => {
      look();
      if (state === 'idle') return;
      last = clock();
      look();
    },
  };
}

/** Minutes as the API gives them: a warning of a minute, or of half the time where that is shorter. */
export function idleLimits(idleMinutes: number): IdleLimits {
  const limit = idleMinutes * 60_000;
  return { limit, warning: Math.min(60_000, limit / 2) };
}
