import type { AuditRecord, ChainId } from './audit-chain.ts';
import { isByPerson, isOfPatient, patientsListed } from './audit-record.ts';
import { disclosureOf } from './disclosure.ts';
import { emergencyAccess } from './emergency-access.ts';
import { type Interaction, interactionOf } from './fhir-audit-action.ts';
import type { Instant } from './instant.ts';

export interface FhirCoding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface FhirConcept {
  readonly coding?: readonly FhirCoding[];
  readonly text?: string;
}

export interface FhirReference {
  readonly reference?: string;
  readonly type?: string;
  readonly identifier?: { readonly system: string; readonly value: string };
  readonly display?: string;
}

export interface FhirAgent {
  readonly type: FhirConcept;
  readonly role?: readonly FhirConcept[];
  readonly who: FhirReference;
  readonly name?: string;
  readonly requestor: boolean;
  readonly network?: { readonly address: string; readonly type: string };
}

export interface FhirEntity {
  readonly what?: FhirReference;
  readonly type: FhirCoding;
  readonly role?: FhirCoding;
  readonly description?: string;
  /** Base64. */
  readonly query?: string;
}

/** A FHIR R4 (4.0.1) AuditEvent, as far as Tandem fills it in. */
export interface FhirAuditEvent {
  readonly resourceType: 'AuditEvent';
  readonly id: string;
  /** Absent where no profile of BALP fits: what was refused, and what is no RESTful interaction. */
  readonly meta?: { readonly profile: readonly string[] };
  readonly type: FhirCoding;
  readonly subtype: readonly FhirCoding[];
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly recorded: Instant;
  readonly outcome: '0' | '4';
  readonly outcomeDesc?: string;
  readonly purposeOfEvent?: readonly FhirConcept[];
  readonly agent: readonly FhirAgent[];
  readonly source: { readonly observer: FhirReference; readonly type: readonly FhirCoding[] };
  readonly entity: readonly FhirEntity[];
}

/** What an export needs beside the record. */
export interface FhirAuditContext {
  /** The name of the deployment whose audit it is, such as the log's origin. */
  readonly observer: string;
  /** The one patient about whom an export is, so that it names no other; null: it is about everybody. */
  readonly only: ChainId | null;
}

const balp = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const objectRole = 'http://terminology.hl7.org/CodeSystem/object-role';

const rest: FhirCoding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  code: 'rest',
  display: 'RESTful Operation',
};

interface Form {
  /** The last word of the profile; null: none. */
  readonly profile: string | null;
  readonly type: FhirCoding;
  readonly subtype: readonly FhirCoding[];
  readonly action: FhirAuditEvent['action'];
  readonly client: FhirCoding;
  readonly server: FhirCoding;
  readonly user: FhirCoding;
}

const source: FhirCoding = { system: dicom, code: '110153', display: 'Source Role ID' };
const destination: FhirCoding = { system: dicom, code: '110152', display: 'Destination Role ID' };
const application: FhirCoding = { system: dicom, code: '110150', display: 'Application' };
const custodian: FhirCoding = {
  system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  code: 'custodian',
  display: 'Custodian',
};
const author: FhirCoding = { system: participation, code: 'AUT', display: 'author (originator)' };
const informant: FhirCoding = { system: participation, code: 'INF', display: 'informant' };
const reader: FhirCoding = { system: participation, code: 'IRCP', display: 'information recipient' };

function restful(code: string, profile: string, action: Form['action'], agents: Partial<Form> = {}): Form {
  const subtype = [{ system: 'http://hl7.org/fhir/restful-interaction', code, display: code }];
  return { profile, type: rest, subtype, action, client: source, server: destination, user: author, ...agents };
}

/** Types, actions and agents as the profiles of BALP 1.1 fix them. Data flows from the server to whoever reads. */
const forms: Readonly<Record<Interaction, Form>> = {
  create: restful('create', 'Create', 'C'),
  read: restful('read', 'Read', 'R', { client: destination, server: source, user: reader }),
  update: restful('update', 'Update', 'U'),
  delete: restful('delete', 'Delete', 'D', { client: application, server: custodian }),
  query: restful('search', 'Query', 'E', { user: reader }),
  // DICOM PS3.15, A.5.3.9.
  'sign-in': {
    profile: null,
    type: { system: dicom, code: '110114', display: 'User Authentication' },
    subtype: [{ system: dicom, code: '110122', display: 'Login' }],
    action: 'E',
    client: source,
    server: destination,
    user: author,
  },
  other: {
    profile: null,
    type: { system: dicom, code: '110100', display: 'Application Activity' },
    subtype: [],
    action: 'E',
    client: source,
    server: destination,
    user: author,
  },
};

/**
 * A record as FHIR AuditEvents: one in the form of its interaction, with or without a patient; of a list one for each patient it
 * named, as BALP asks; and one more where it tells of a disclosure. What was refused keeps the form, has outcome 4, and claims no
 * profile, since each is for what succeeded.
 */
export function fhirAuditEvents(record: AuditRecord, context: FhirAuditContext): FhirAuditEvent[] {
  const disclosed = disclosureEvent(record, context);
  const { only } = context;
  const listed = patientsListed(record).filter((patient) => only === null || patient === only);
  const events =
    isOfPatient(record) || listed.length === 0
      ? [auditEvent(record, context, isOfPatient(record) ? record.chain : null, fhirIdOf(record))]
      : listed.map((patient) => auditEvent(record, context, patient, `${fhirIdOf(record)}-${patient}`));
  return [...events, ...(disclosed === null ? [] : [disclosed])];
}

function auditEvent(
  record: AuditRecord,
  context: FhirAuditContext,
  patient: ChainId | null,
  id: string,
): FhirAuditEvent {
  const interaction = interactionOf(record);
  const form = forms[interaction];
  const isDone = record.outcome === 'success';
  const profile = isDone && form.profile !== null ? [`${balp}${patient === null ? '' : 'Patient'}${form.profile}`] : [];
  return {
    resourceType: 'AuditEvent',
    id,
    ...(profile.length === 0 ? {} : { meta: { profile } }),
    type: form.type,
    subtype: [...form.subtype, { system: 'urn:tandem:audit-action', code: codeOf(record.action) }],
    action: form.action,
    recorded: record.recordedAt,
    outcome: isDone ? '0' : '4',
    ...(isDone ? { purposeOfEvent: [purposeOf(record)] } : { outcomeDesc: textOf(record.reason) }),
    agent: [
      { type: conceptOf(form.client), ...programAt(record.source), requestor: false },
      { type: conceptOf(form.server), ...serverOf(context), requestor: false },
      ...personsOf(record, record.agent.role === 'vendor' ? informant : form.user),
    ],
    source: observedBy(context),
    entity: [
      ...(patient === null ? [] : [patientEntity(patient)]),
      interaction === 'query' ? queryOf(record) : dataOf(record),
      transactionOf(record),
    ],
  };
}

/** BALP's "Privacy Disclosure at Source": what an accounting of disclosures is made from. */
function disclosureEvent(record: AuditRecord, context: FhirAuditContext): FhirAuditEvent | null {
  const disclosure = disclosureOf(record);
  if (disclosure === null) return null;
  const { recipient, address, what, purpose, at } = disclosure;
  return {
    resourceType: 'AuditEvent',
    id: `${fhirIdOf(record)}-disclosure`,
    meta: { profile: [`${balp}PrivacyDisclosure.Source`] },
    type: { system: dicom, code: '110106', display: 'Export' },
    subtype: [
      { system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code: 'disclose' },
      { system: 'urn:tandem:audit-action', code: codeOf(record.action) },
    ],
    action: 'R',
    recorded: at,
    outcome: '0',
    purposeOfEvent: [{ text: textOf(purpose) }],
    agent: [
      { type: conceptOf(source), ...serverOf(context), requestor: false },
      {
        type: conceptOf(destination),
        who: { display: textOf(recipient) },
        requestor: false,
        // No wire that Tandem knows of: what is known is where the recipient is.
        network: networkOf(`urn:tandem:recipient:${encodeURIComponent(address ?? 'unknown')}`),
      },
      ...personsOf(record, author),
    ],
    source: observedBy(context),
    entity: [
      patientEntity(record.chain),
      {
        what: { display: textOf(what) },
        type: { system: entityType, code: '2', display: 'System Object' },
        role: { system: objectRole, code: '3', display: 'Report' },
      },
      transactionOf(record),
    ],
  };
}

/** The same for the same record: whoever imports twice overwrites. */
export function fhirIdOf({ chain, sequence }: Pick<AuditRecord, 'chain' | 'sequence'>): string {
  return `${chain}-${sequence}`;
}

/** FHIR knows no empty text, and of all blanks only those of ASCII. */
export function textOf(text: string): string {
  return text.trim() === '' ? 'not said' : text.replace(/[^\S \r\n\t]/g, ' ');
}

/** A code holds single blanks at most. */
function codeOf(action: string): string {
  return textOf(action.trim().replace(/\s+/g, ' '));
}

function conceptOf(coding: FhirCoding): FhirConcept {
  return { coding: [coding] };
}

function purposeOf({ action, reason }: AuditRecord): FhirConcept {
  const text = textOf(reason);
  if (action !== emergencyAccess) return { text };
  const breakGlass = {
    system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
    code: 'BTG',
    display: 'break the glass',
  };
  return { coding: [breakGlass], text };
}

function networkOf(address: string) {
  return { address, type: '5' };
}

/** What a source may end with: an address of the network, as in "portal 203.0.113.7". */
const networkAddress = /^(.*) ([0-9a-f]*[.:][0-9a-f.:]+)$/i;

/** Where the record does not hold the address from which it came, its network is a name. */
function programAt(from: string) {
  const [, program, address] = networkAddress.exec(from) ?? [];
  if (program !== undefined && address !== undefined)
    return { who: { display: textOf(program) }, network: { address, type: '2' } };
  return { who: { display: textOf(from) }, network: networkOf(`urn:tandem:source:${encodeURIComponent(from)}`) };
}

function serverOf({ observer }: FhirAuditContext) {
  return {
    who: observerOf(observer),
    network: networkOf(`urn:tandem:log:${encodeURIComponent(observer)}`),
  };
}

function observerOf(observer: string): FhirReference {
  return { identifier: { system: 'urn:tandem:log', value: observer }, display: 'Tandem' };
}

function observedBy({ observer }: FhirAuditContext): FhirAuditEvent['source'] {
  const type = {
    system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
    code: '4',
    display: 'Application Server',
  };
  return { observer: observerOf(observer), type: [type] };
}

/** Whoever asked for it, and whoever typed it for them. A program of Tandem's own is the server: it is nobody's user. */
function personsOf(record: AuditRecord, type: FhirCoding): FhirAgent[] {
  const { who, role } = record.agent;
  if (role === 'system') return [];
  const asked: FhirAgent = {
    type: conceptOf(type),
    role: [{ text: textOf(role) }],
    who: staffOf(who),
    ...(isByPerson(record) ? { name: textOf(who) } : {}),
    requestor: true,
  };
  const enteredBy = record.detail['enteredBy'];
  if (typeof enteredBy !== 'string') return [asked];
  const enterer = { system: participation, code: 'ENT', display: 'data entry person' };
  return [asked, { type: conceptOf(enterer), who: staffOf(enteredBy), requestor: false }];
}

function staffOf(who: string): FhirReference {
  return { identifier: { system: 'urn:tandem:user', value: textOf(who) } };
}

function patientEntity(patient: ChainId): FhirEntity {
  return {
    what: { reference: `Patient/${patient}`, type: 'Patient' },
    type: { system: entityType, code: '1', display: 'Person' },
    role: { system: objectRole, code: '1', display: 'Patient' },
  };
}

/** What of the detail names the thing itself, the most particular first. */
const names = ['alert', 'reminder', 'event', 'setAside', 'night', 'export'] as const;

/** The thing that was looked at or changed, by Tandem's own name of it. */
export function objectOf(record: AuditRecord): FhirReference {
  const display = textOf(record.part ?? 'record');
  for (const name of names) {
    const value = record.detail[name];
    if (typeof value === 'string' && value.trim() !== '')
      return { identifier: { system: `urn:tandem:${name}`, value: textOf(value) }, display };
  }
  return { identifier: { system: 'urn:tandem:chain', value: record.chain }, display };
}

function dataOf(record: AuditRecord): FhirEntity {
  return {
    what: objectOf(record),
    type: { system: entityType, code: '2', display: 'System Object' },
    role: { system: objectRole, code: '4', display: 'Domain Resource' },
  };
}

/** What was searched for: as it was asked where the record holds that, else what the record knows of it. */
function queryOf({ action, detail }: AuditRecord): FhirEntity {
  const asked = detail['query'];
  const text = typeof asked === 'string' && asked !== '' ? asked : `${action}?${parametersOf(detail)}`;
  return {
    type: { system: entityType, code: '2', display: 'System Object' },
    role: { system: objectRole, code: '24', display: 'Query' },
    description: textOf(text),
    query: base64(text),
  };
}

function parametersOf(detail: AuditRecord['detail']): string {
  return Object.entries(detail)
    .flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
    )
    .join('&');
}

/** The request's id where the record holds one. A decision is one transaction and has one record: else that is its name. */
function transactionOf(record: AuditRecord): FhirEntity {
  const request = record.detail['requestId'];
  const value = typeof request === 'string' && request.trim() !== '' ? request : fhirIdOf(record);
  return {
    what: { identifier: { system: 'urn:tandem:transaction', value: textOf(value) } },
    type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
  };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
