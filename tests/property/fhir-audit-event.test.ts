import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fhirAuditEvents } from '../../functions/domain/fhir-audit-event.ts';
import { fhirProvenance } from '../../functions/domain/fhir-provenance.ts';
import { auditActions } from '../audit-actions.ts';
import { balpFaults } from '../balp-profiles.ts';
import { runs } from '../example-clinic.ts';
import { faultsOf, unknownCodes } from '../fhir-definitions.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', ' ', '\u00a0', ' a\u2028b ', 'portal 2001:db8::1'),
);
const record = fc.record({
  version: fc.constant(1 as const),
  chain: fc.constantFrom('p-abcdefghijklmnopqrstuvwxyz', 'system-15'),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  recordedAt: fc.constant('2026-03-02T15:00:00.000Z'),
  action: fc.oneof(fc.constantFrom(...auditActions()), text),
  agent: fc.record({ who: text, role: fc.oneof(fc.constantFrom('system', 'vendor', 'therapist'), text) }),
  source: text,
  part: fc.option(text),
  outcome: fc.constantFrom('success' as const, 'refused' as const),
  reason: text,
  changed: fc.boolean(),
  rules: text,
  detail: fc.oneof(
    fc.dictionary(
      fc.constantFrom('alert', 'event', 'query', 'requestId', 'enteredBy', 'more'),
      fc.oneof(text, fc.integer(), fc.constant(null)),
    ),
    fc.record({
      at: fc.constant('2026-03-02T15:00:00.000Z'),
      recipient: text,
      address: fc.option(text),
      what: text,
      purpose: text,
    }),
    fc.record({
      outcome: fc.record({
        code: fc.constant('referred'),
        disclosure: fc.record({ recipient: text, what: text, purpose: text }),
      }),
    }),
    fc.record({ alerts: fc.array(fc.record({ alert: text, patient: fc.constantFrom('p-a', 'p-b') })) }),
  ),
});

describe('any record, of a known action or not', () => {
  it('leaves as at least one AuditEvent, each valid and true to the profile it claims, and is never lost', () => {
    fc.assert(
      fc.property(record, (one) => {
        const events = fhirAuditEvents(one, { observer: 'clinic.example/tandem/audit', only: null });
        expect(events.length).toBeGreaterThan(0);
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
        for (const event of events) {
          expect([...faultsOf(event), ...unknownCodes(event), ...balpFaults(event)]).toEqual([]);
          expect(event.meta === undefined || event.outcome === '0').toBe(true);
        }
      }),
      { seed: 20_260_302, numRuns: runs(500) },
    );
  });

  it('leaves as a valid Provenance where it changed something, and as none where it did not', () => {
    fc.assert(
      fc.property(record, (one) => {
        const provenance = fhirProvenance(one, { observer: 'clinic.example/tandem/audit' });
        expect(provenance !== null).toBe(one.changed && one.outcome === 'success');
        expect(provenance === null ? [] : [...faultsOf(provenance), ...unknownCodes(provenance)]).toEqual([]);
      }),
      { seed: 20_260_303, numRuns: runs(500) },
    );
  });
});
