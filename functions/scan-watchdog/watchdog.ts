import type { Clinic } from '../domain/clinic.ts';
import { hours, type Instant } from '../domain/instant.ts';
import { type Night, newestNightDue, shortfallOf } from '../domain/night.ts';
import type { NightAccounts, ReviewIndex } from '../ports/nights.ts';
import type { Operators } from '../ports/operators.ts';
import { stillDue } from '../risk-scan/scan.ts';

/** How long a scan may take before silence about it is an alarm. */
export const graceMilliseconds = 2 * hours;

export interface WatchdogPorts {
  readonly nights: NightAccounts;
  readonly reviewIndex: ReviewIndex;
  readonly operators: Operators;
  readonly clinic: Clinic;
}

/**
 * Proves from the account and from the index, which the scan does not write, that the last night looked at everybody who was
 * due. Silence, a scan that did not end and anybody left out are told to the operators at once.
 * @returns what was wrong, or null.
 */
export async function checkLastNight(
  ports: WatchdogPorts,
  now: Instant,
): Promise<{ night: Night; shortfall: string | null }> {
  const { nights, clinic } = ports;
  const { timeZone, deployment } = clinic.settings;
  const night = newestNightDue(now, timeZone, deployment.nightlyScanAt, graceMilliseconds);
  const run = await nights.load(night);
  const left =
    run === undefined
      ? 0
      : await stillDue(ports, run, new Set((await nights.lines(night)).map(({ patient }) => patient)), now);
  const shortfall = shortfallOf(night, run, left);
  if (shortfall !== null)
    await ports.operators.alert(
      `${shortfall}\n\nWhat to do: docs/operations.md#nightly-scan\nStage: ${deployment.stage}`,
    );
  return { night, shortfall };
}
