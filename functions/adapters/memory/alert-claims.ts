import type { Instant } from '../../domain/instant.ts';
import type { AlertClaims } from '../../ports/alert-claims.ts';
import { type Faults, withFaults } from './faults.ts';

export function memoryAlertClaims(faults: Faults = {}): AlertClaims {
  const claims = new Map<string, { readonly holder: string; readonly until: Instant }>();
  return {
    take: (alertId, holder, now, until) =>
      withFaults(faults, 'alertClaims.take', () => {
        const claim = claims.get(alertId);
        if (claim !== undefined && claim.holder !== holder && claim.until > now) return false;
        claims.set(alertId, { holder, until });
        return true;
      }),
    release: (alertId, holder) =>
      withFaults(faults, 'alertClaims.release', () => {
        if (claims.get(alertId)?.holder === holder) claims.delete(alertId);
      }),
  };
}
