import type { AlertTokens, AlertWaiting } from '../../ports/alert-tokens.ts';
import { type Faults, withFaults } from './faults.ts';

export function memoryAlertTokens(faults: Faults = {}): AlertTokens {
  const kept = new Map<string, AlertWaiting>();
  return {
    keep: ({ alert }, waiting) =>
      withFaults(faults, 'alertTokens.keep', () => {
        kept.set(alert, waiting);
      }),
    newest: ({ alert }) => withFaults(faults, 'alertTokens.newest', () => kept.get(alert) ?? null),
  };
}
