import { Temporal } from 'temporal-polyfill';
import type { Instant } from './instant.ts';

/** Whatever was recorded before this moment has been kept for as many years as it has to be, by the clinic's calendar. */
export function keptLongEnoughBefore(now: Instant, years: number, timeZone: string): Instant {
  return Temporal.Instant.from(now)
    .toZonedDateTimeISO(timeZone)
    .subtract({ years })
    .toInstant()
    .toString({ fractionalSecondDigits: 3 });
}

/**
 * The moment before which a chain's newest record must lie for the chain to expire; null where the day asked for is not past, so that
 * something would go too early.
 * @param before a local date of the clinic's such as "2026-03-02"; null: as many chains as may go.
 */
export function expiryBefore(before: string | null, now: Instant, years: number, timeZone: string): Instant | null {
  const latest = keptLongEnoughBefore(now, years, timeZone);
  if (before === null) return latest;
  const asked = Temporal.PlainDate.from(before)
    .toZonedDateTime({ timeZone })
    .toInstant()
    .toString({ fractionalSecondDigits: 3 });
  return asked <= latest ? asked : null;
}
