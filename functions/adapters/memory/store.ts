import type { SealedRecord } from '../../domain/audit-chain.ts';
import type { Instant } from '../../domain/instant.ts';
import { memoryAlertClaims } from './alert-claims.ts';
import { memoryAlertIndex } from './alert-index.ts';
import { memoryAlertTokens } from './alert-tokens.ts';
import { MemoryAudit } from './audit.ts';
import { MemoryBus } from './bus.ts';
import { memoryCanaries } from './canaries.ts';
import { memoryEarlyAlerts } from './early-alerts.ts';
import { memoryErasures } from './erasure.ts';
import type { Faults } from './faults.ts';
import { memoryMorningMails } from './morning-mails.ts';
import { memoryNights, memoryReviewIndex } from './nights.ts';
import { MemoryPatients } from './patients.ts';
import { memoryPseudonyms } from './pseudonyms.ts';
import { memoryReminderIndex } from './reminder-index.ts';
import { MemorySetAsides } from './set-asides.ts';
import { memoryTrialStops } from './trial-stops.ts';

export interface MemoryStoreSettings {
  /** Stands for the clinic's key of pseudonyms. */
  readonly clinicKey?: Uint8Array;
  /** Clinic.hash, for the records of what is set aside. */
  readonly rules?: string;
  readonly now?: () => Instant;
}

/** Every port in memory, over one audit. `faults` strike all of them. */
export function memoryStore(faults: Faults = {}, settings: MemoryStoreSettings = {}) {
  const { clinicKey = new Uint8Array(32), rules = 'sha256:none', now = () => '2026-01-01T00:00:00.000Z' } = settings;
  const audit = new MemoryAudit();
  const patients = new MemoryPatients({ audit, faults });
  return {
    patients,
    erasures: memoryErasures(patients, faults),
    nights: memoryNights(patients, audit, faults),
    reviewIndex: memoryReviewIndex(patients, faults),
    reminderIndex: memoryReminderIndex(patients, faults),
    trialStops: memoryTrialStops(audit, faults),
    alertIndex: memoryAlertIndex(patients, faults),
    alertClaims: memoryAlertClaims(faults),
    morningMails: memoryMorningMails(audit, faults),
    alertTokens: memoryAlertTokens(faults),
    setAsides: new MemorySetAsides({ audit, faults, rules, now }),
    pseudonyms: memoryPseudonyms(clinicKey, faults),
    canaries: memoryCanaries(faults),
    earlyAlerts: memoryEarlyAlerts(faults),
    bus: new MemoryBus(faults),
    /** The chain's records, first to last. */
    auditRecords: (chain: string): SealedRecord[] => audit.auditRecords(chain),
  };
}

export type MemoryStore = ReturnType<typeof memoryStore>;
