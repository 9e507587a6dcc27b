import { Temporal } from 'temporal-polyfill';
import type { Instant } from './instant.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Mar 2, 2026": the date there, as people write it in the United States. */
export function dateInWords(at: Instant, timeZone: string): string {
  const { year, month, day } = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  return `${months[month - 1]} ${day}, ${year}`;
}

/** "Mar 2, 2026, 9:05 AM": what clock and calendar there show. */
export function momentInWords(at: Instant, timeZone: string): string {
  const { hour, minute } = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${String(minute).padStart(2, '0')} ${hour < 12 ? 'AM' : 'PM'}`;
  return `${dateInWords(at, timeZone)}, ${clock}`;
}
