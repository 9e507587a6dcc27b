/** On the clinic's clock. */
interface LocalTime {
  readonly hour: number;
  readonly minute: number;
}

/** Longer than a scan may take before the watchdog calls it silence: its grace (functions/scan-watchdog), and the hour by which the clocks may change. */
const watchdogAfterHours = 3;

/** Clocks are changed before this hour. */
const clocksSettledHour = 4;

/**
 * When the nightly scan starts: at its time, and again an hour later. Where the scan is done, the second start ends at once;
 * where it broke off, it goes on. On the night on which the time does not exist, EventBridge Scheduler leaves out the first
 * start, and the second is the scan. An hour after 23:00 is another night already, so there is no second start then.
 * @param scanAt local, such as "02:00".
 */
export function scanCron(scanAt: string): string {
  return twice(scanAt);
}

/** When the staff get their morning list: at its time, and again an hour later for whatever failed, or for a time left out. */
export function morningListCron(listAt: string): string {
  return twice(listAt);
}

/** When its watchdog looks: after the scan, and never at an hour that a change of the clocks could leave out. */
export function watchdogCron(scanAt: string): string {
  const { hour, minute } = localTime(scanAt);
  const after = (hour + watchdogAfterHours) % 24;
  return daily(minute, `${Math.max(after, clocksSettledHour)}`);
}

function twice(at: string): string {
  const { hour, minute } = localTime(at);
  return daily(minute, hour < 23 ? `${hour},${hour + 1}` : `${hour}`);
}

function localTime(text: string): LocalTime {
  const [hour, minute] = text.split(':').map(Number);
  if (hour === undefined || minute === undefined)
    throw new Error('a time of the day is hours and minutes, as in 02:00');
  return { hour, minute };
}

function daily(minute: number, hours: string): string {
  return `cron(${minute} ${hours} * * ? *)`;
}
