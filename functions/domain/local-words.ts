import { Temporal } from 'temporal-polyfill';
import type { Instant } from './instant.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Mar 2, 2026": the date there, as people write it in the United States. */
export function dateInWords(at: Instant, timeZone: string): string {
  const { year, month, day } = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  return `${months[month - 1]} ${day}, ${year}`;
}

/** "Mar 2, 2026, 9:05 AM EST": what clock and calendar there show, and whose clock it is: the reader's may be another. */
export function momentInWords(at: Instant, timeZone: string): string {
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  const { hour, minute } = there;
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${String(minute).padStart(2, '0')} ${hour < 12 ? 'AM' : 'PM'}`;
  // "9 AM EST"
  const named = there.toLocaleString('en-US', { hour: 'numeric', timeZoneName: 'short' });
  return `${dateInWords(at, timeZone)}, ${clock} ${named.slice(named.lastIndexOf(' ') + 1)}`;
}
