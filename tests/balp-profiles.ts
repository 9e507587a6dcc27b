import { listOf } from './fhir-definitions.ts';

/**
 * What the profiles of IHE BALP 1.1 ("Basic Audit Log Patterns", 1.1.3 of 2024-02-14 and 1.1.4 of 2025-10-31) require of an
 * AuditEvent, out of the differentials published at https://profiles.ihe.net/ITI/BALP: StructureDefinition/IHE.BasicAudit.Create,
 * .PatientCreate, .Read, .PatientRead, .Update, .PatientUpdate, .Delete, .PatientDelete, .Query, .PatientQuery and
 * .PrivacyDisclosure.Source. Slices are told apart by type, and are open: more agents and entities may stand beside them.
 */
interface Profile {
  readonly type: string;
  readonly subtype: readonly string[];
  readonly action: string;
  readonly client: string;
  readonly server: string;
  /** Of a user, who need not be there. */
  readonly user: readonly string[];
  /** The entity beside the patient. */
  readonly thing: 'data' | 'query' | 'any';
}

const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const rest = 'http://terminology.hl7.org/CodeSystem/audit-event-type#rest';
const restful = (code: string) => `http://hl7.org/fhir/restful-interaction#${code}`;
const source = `${dicom}#110153`;
const destination = `${dicom}#110152`;
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
/** ValueSet DataSources. */
const dataSources = ['AUT', 'INF', 'CST'].map((code) => `${participation}#${code}`);
const recipient = [`${participation}#IRCP`];
/** ValueSet RestObjectRoles. */
const objectRoles = ['4', '3', '20'].map((code) => `http://terminology.hl7.org/CodeSystem/object-role#${code}`);

const up = { type: rest, client: source, server: destination, user: dataSources, thing: 'data' } as const;
const profiles: Readonly<Record<string, Profile>> = {
  Create: { ...up, subtype: [restful('create')], action: 'C' },
  Update: { ...up, subtype: [restful('update'), restful('patch')], action: 'U' },
  Read: {
    ...up,
    subtype: [restful('read'), restful('vread')],
    action: 'R',
    client: destination,
    server: source,
    user: recipient,
  },
  Delete: {
    ...up,
    subtype: [restful('delete')],
    action: 'D',
    client: `${dicom}#110150`,
    server: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type#custodian',
  },
  Query: {
    ...up,
    subtype: [restful('search'), restful('search-type'), restful('search-system')],
    action: 'E',
    user: recipient,
    thing: 'query',
  },
  'PrivacyDisclosure.Source': {
    type: `${dicom}#110106`,
    subtype: ['http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle#disclose'],
    action: 'R',
    client: source,
    server: destination,
    user: [],
    thing: 'any',
  },
};

const prefix = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

type Json = Readonly<Record<string, unknown>>;

function codes(value: unknown): string[] {
  return listOf(value).flatMap((one) => {
    const { system, code, coding } = one as Json;
    return coding === undefined ? [`${String(system)}#${String(code)}`] : codes(coding);
  });
}

/** What of an AuditEvent is against the profile that it claims. One that claims none is held to none. */
export function balpFaults(event: object): string[] {
  const found = event as Json;
  const { profile: claims } = (found['meta'] ?? {}) as { profile?: readonly string[] };
  const [claimed] = claims ?? [];
  if (claimed === undefined) return [];
  const name = claimed.slice(prefix.length);
  const ofPatient = name.startsWith('Patient') || name.startsWith('Privacy');
  const profile = profiles[name.replace(/^Patient/, '')];
  if (!claimed.startsWith(prefix) || profile === undefined) return [`${claimed} is no profile of BALP`];
  const faults: string[] = [];
  const must = (holds: boolean, what: string) => void (holds || faults.push(`${name}: ${what}`));

  must(codes(found['type'])[0] === profile.type, 'type');
  must(codes(found['subtype']).filter((code) => profile.subtype.includes(code)).length === 1, 'subtype');
  must(found['action'] === profile.action, 'action');
  must(found['outcome'] === '0', 'outcome');
  must(found['recorded'] !== undefined, 'recorded');

  const agents = listOf(found['agent']) as Json[];
  const agent = (type: string) => agents.filter((one) => codes(one['type']).includes(type));
  for (const [slice, type] of [
    ['client', profile.client],
    ['server', profile.server],
  ] as const) {
    const [one, ...others] = agent(type);
    must(one !== undefined && others.length === 0, `agent[${slice}] 1..1`);
    must(one?.['who'] !== undefined && one['network'] !== undefined && one['media'] === undefined, `agent[${slice}]`);
  }
  const users = profile.user.flatMap(agent);
  must(users.length <= 1, 'agent[user] 0..1');
  for (const user of users)
    must(
      user['who'] !== undefined && user['requestor'] === true && user['network'] === undefined,
      'agent[user] is who asked, and no machine',
    );

  const entities = listOf(found['entity']) as Json[];
  const entity = (type: string) => entities.filter((one) => codes(one['type']).includes(type));
  const [patient, ...otherPatients] = entity('http://terminology.hl7.org/CodeSystem/audit-entity-type#1');
  must((patient !== undefined) === ofPatient && otherPatients.length === 0, 'entity[patient] as the profile says');
  if (patient !== undefined) {
    must(codes(patient['role'])[0] === 'http://terminology.hl7.org/CodeSystem/object-role#1', 'entity[patient].role');
    must(/^Patient\/.+/.test(String((patient['what'] as Json | undefined)?.['reference'])), 'entity[patient].what');
  }
  must(entities.length >= (ofPatient ? 2 : 1), 'entity');
  const [thing, ...others] = entity('http://terminology.hl7.org/CodeSystem/audit-entity-type#2');
  must(thing !== undefined && others.length === 0, 'entity[data or query] 1..1');
  if (profile.thing === 'data')
    must(thing?.['what'] !== undefined && objectRoles.includes(codes(thing['role'])[0] ?? ''), 'entity[data]');
  if (profile.thing === 'query') {
    must(codes(thing?.['role'])[0] === 'http://terminology.hl7.org/CodeSystem/object-role#24', 'entity[query].role');
    must(thing?.['query'] !== undefined && thing['what'] === undefined, 'entity[query].query');
  }
  const transactions = entity('https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType#XrequestId');
  must(transactions.length <= 1, 'entity[transaction] 0..1');
  for (const { what } of transactions)
    must(((what as Json)['identifier'] as Json)['value'] !== undefined, 'entity[transaction].what.identifier.value');
  if (name.startsWith('Privacy')) {
    const [sender] = agent(source);
    const observer = (found['source'] as Json)['observer'];
    must(JSON.stringify(sender?.['who']) === JSON.stringify(observer), 'val-audit-source');
  }
  return faults;
}
