import { Temporal } from 'temporal-polyfill';

/** A place whose rules have changed lately, and what its clocks show at a moment under the new ones. */
export interface ZoneCanary {
  readonly zone: string;
  readonly at: string;
  readonly shows: string;
  readonly since: string;
}

/** IANA tz releases (NEWS file) in which each rule first stood. */
export const zoneCanaries: readonly ZoneCanary[] = [
  { zone: 'America/Mexico_City', at: '2026-07-01T15:00:00Z', shows: '2026-07-01T09:00', since: '2022f' },
  { zone: 'America/Ciudad_Juarez', at: '2026-07-01T15:00:00Z', shows: '2026-07-01T09:00', since: '2022g' },
  { zone: 'Asia/Almaty', at: '2026-07-01T15:00:00Z', shows: '2026-07-01T20:00', since: '2024a' },
  { zone: 'America/Asuncion', at: '2026-07-01T15:00:00Z', shows: '2026-07-01T12:00', since: '2025a' },
];

/** Reminders are planned with rules of this release or a newer one. */
export const oldestZoneData = '2025a';

/** What the run time's clocks show for each canary; null where it does not know the zone. */
export function readCanaries(canaries: readonly ZoneCanary[]): (string | null)[] {
  return canaries.map(({ zone, at }) => {
    try {
      const there = Temporal.Instant.from(at).toZonedDateTimeISO(zone);
      return there.toPlainDateTime().toString({ smallestUnit: 'minute' });
    } catch {
      return null;
    }
  });
}

/**
 * What is wrong with a run time's zone data; nothing where it is new enough. A start-up check alarms on any of it.
 * @param version the release the run time names, such as "2026c"; undefined where it names none.
 * @param seen `readCanaries(zoneCanaries)`.
 */
export function zoneDataFaults(version: string | undefined, seen: readonly (string | null)[]): string[] {
  const named =
    version === undefined
      ? ['the run time does not name its zone data: use one that does']
      : version < oldestZoneData
        ? [`zone data ${version} is older than ${oldestZoneData}: update the run time`]
        : [];
  const wrong = zoneCanaries.flatMap(({ zone, at, shows, since }, index) =>
    seen[index] === shows
      ? []
      : [`${zone} shows ${seen[index] ?? 'nothing'} at ${at}, not ${shows} as since ${since}: update the run time`],
  );
  return [...named, ...wrong];
}
