import type { AuditRecord } from './audit-chain.ts';
import { isOfPatient } from './audit-record.ts';
import { interactionOf } from './fhir-audit-action.ts';
import {
  type FhirAuditContext,
  type FhirCoding,
  type FhirConcept,
  type FhirReference,
  fhirIdOf,
  objectOf,
  textOf,
} from './fhir-audit-event.ts';
import type { Instant } from './instant.ts';

/** A FHIR R4 (4.0.1) Provenance, as far as Tandem fills it in. */
export interface FhirProvenance {
  readonly resourceType: 'Provenance';
  readonly id: string;
  readonly target: readonly FhirReference[];
  readonly recorded: Instant;
  /** The rules under which it was decided. */
  readonly policy: readonly string[];
  readonly reason: readonly FhirConcept[];
  readonly activity?: FhirConcept;
  readonly agent: readonly {
    readonly type: FhirConcept;
    readonly who: FhirReference;
    readonly onBehalfOf?: FhirReference;
  }[];
  readonly entity: readonly { readonly role: 'source'; readonly what: FhirReference }[];
}

const operations: Readonly<Record<string, FhirCoding>> = {
  create: { system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE', display: 'create' },
  update: { system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'UPDATE', display: 'revise' },
  delete: { system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'DELETE', display: 'delete' },
};

/** Where a change came from: who made it, from what, under which rules. Null for a record of no change. */
export function fhirProvenance(
  record: AuditRecord,
  { observer }: Pick<FhirAuditContext, 'observer'>,
): FhirProvenance | null {
  if (!record.changed || record.outcome !== 'success') return null;
  const operation = operations[interactionOf(record)];
  const deployment = { identifier: { system: 'urn:tandem:log', value: observer }, display: 'Tandem' };
  const isTandem = record.agent.role === 'system';
  return {
    resourceType: 'Provenance',
    id: fhirIdOf(record),
    target: [
      objectOf(record),
      ...(isOfPatient(record) ? [{ reference: `Patient/${record.chain}`, type: 'Patient' }] : []),
    ],
    recorded: record.recordedAt,
    policy: [`urn:tandem:rules:${encodeURIComponent(record.rules)}`],
    reason: [{ text: textOf(record.reason) }],
    ...(operation === undefined ? {} : { activity: { coding: [operation] } }),
    agent: [
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: isTandem ? 'assembler' : 'author',
              display: isTandem ? 'Assembler' : 'Author',
            },
          ],
        },
        who: isTandem ? deployment : { identifier: { system: 'urn:tandem:user', value: textOf(record.agent.who) } },
      },
    ],
    entity: [
      {
        role: 'source',
        what: { identifier: { system: 'urn:tandem:record', value: fhirIdOf(record) }, display: textOf(record.action) },
      },
    ],
  };
}
