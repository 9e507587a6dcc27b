import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { answerAlert } from '../../bin/alert-answers.ts';
import { disclosures, recordDisclosure } from '../../bin/commands/audit-disclosures.ts';
import { writeFhir } from '../../bin/commands/audit-fhir.ts';
import { review } from '../../bin/commands/audit-review.ts';
import { showWhoSaw } from '../../bin/commands/audit-who-saw.ts';
import type { Deployment } from '../../bin/deployment.ts';
import { emergencyLook } from '../../bin/emergency-look.ts';
import { MemoryAlertMail } from '../../functions/adapters/memory/alert-mail.ts';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { readAuditRecord } from '../../functions/domain/audit-record.ts';
import { dateInWords } from '../../functions/domain/local-words.ts';
import { balpFaults } from '../balp-profiles.ts';
import { until } from '../emulator/poll.ts';
import { exampleClinic } from '../example-clinic.ts';
import { faultsOf } from '../fhir-definitions.ts';
import { type Deployed, deployed, onBus } from './deployed.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-questions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const patient = 'seed-patient-Laputa';
const other = 'seed-patient-Glubbdubdrib';
const { timeZone } = exampleClinic.settings;
const now = () => new Date().toISOString();
const options = { stage: 'local', clinic: 'clinic' };
const whoAmI = userInfo().username;

let stack: Deployed;
let alertId: string;
let since: string;
const find = async (): Promise<Deployment> => ({
  stage: 'local',
  outputs: Object.assign({}, ...Object.values(inject('emulator').outputs)),
});

async function alertOf(vendorId: string): Promise<string> {
  const event = (number: number, type: string, data: unknown) =>
    onBus({
      id: `${vendorId}-${number}`,
      type,
      occurredAt: `2026-03-02T0${number}:00:00Z`,
      patient: vendorId,
      data,
    } as never);
  await stack.bus.put([
    event(1, 'PatientEnrolled', {
      programme: 'depression',
      track: 'therapist-supported',
      therapist: 't-7',
      timeZone,
    }),
    event(2, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] }),
  ]);
  const id = await stack.pseudonyms.patient(vendorId);
  return until('the alert', async () => {
    const { state, alerts } = await stack.patients.load(id);
    return state.events === 2 && alerts.find(({ cause }) => cause === 'safety')?.id;
  });
}

const person = { by: 't-7', enteredBy: 'it', source: 'command line' };
const disclosure = { recipient: 'County Crisis Team', what: 'the last answers', purpose: 'a welfare check' };

beforeAll(async () => {
  stack = deployed();
  since = now();
  alertId = await alertOf(patient);
  const otherAlert = await alertOf(other);
  await answerAlert(stack, otherAlert, { kind: 'seen', ...person, by: 's-1' }, now());

  const { alert } = await answerAlert(stack, alertId, { kind: 'seen', ...person }, now());
  const version = alert?.version ?? 0;
  await answerAlert(stack, alertId, { kind: 'seen', ...person, by: 'c-1' }, now());
  await emergencyLook(
    { ...stack, operators: { alert: () => Promise.resolve() }, alertMail: new MemoryAlertMail() },
    { ...person, by: 'c-1', alert: alertId, reason: 'nobody else is there' },
    now(),
  );
  const outcome = { code: 'referred' as const, disclosure };
  await answerAlert(stack, alertId, { kind: 'resolve', ...person, version, outcome }, now());
});

let out: string;
let errors: string;
beforeEach(() => {
  out = '';
  errors = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

/** What the chain's newest record says. */
async function newest(chain: string) {
  const record = (await stack.audit.opened(chain)).at(-1);
  return record === undefined ? null : readAuditRecord(record.bytes);
}

describe('who was told what (164.528)', () => {
  it('is the answer "referred" and what was written down, and nothing else; that somebody asked is recorded', async () => {
    const id = await stack.pseudonyms.patient(patient);
    await recordDisclosure(
      {
        ...options,
        patient,
        recipient: 'Court of Lagado',
        address: '3 High St',
        what: 'dates of treatment',
        purpose: 'a court order',
        at: '2026-01-05T12:00:00Z',
      },
      find,
    );
    out = '';
    await disclosures({ ...options, patient }, find);
    expect([errors, process.exitCode]).toEqual(['', 0]);
    const rows = out.split('\n').filter((line) => /^ {2}\w{3} \d/.test(line));
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['Jan 5, 2026', 'Court of Lagado', '3 High St', 'dates of treatment', 'a court order'],
      [dateInWords(since, timeZone), 'County Crisis Team', 'the last answers', 'a welfare check'],
    ]);
    expect(await newest(id)).toMatchObject({
      action: 'audit.disclosures',
      agent: { who: whoAmI },
      source: 'command line',
    });
  });

  it('is empty for a patient about whom nobody was told anything', async () => {
    await disclosures({ ...options, patient: other, json: true }, find);
    expect(out).toBe('');
  });

  it('is refused for somebody who is not known, and makes nobody known', async () => {
    await expect(disclosures({ ...options, patient: 'seed-patient-nobody' }, find)).rejects.toThrow(
      'no patient of this id is known here',
    );
    const id = await stack.pseudonyms.patient('seed-patient-nobody');
    expect((await stack.patients.load(id)).version).toBe(0);
  });
});

describe('who saw what', () => {
  it('names everybody who looked or answered, in words, and nobody else', async () => {
    const id = await stack.pseudonyms.patient(patient);
    const version = (await stack.patients.load(id)).version;
    await showWhoSaw({ ...options, patient }, find);
    expect([errors, process.exitCode]).toEqual(['', 0]);
    const [people = ''] = out.split('\nDone by a computer.');
    const told = people.split('\n').filter((line) => line !== '' && !line.includes('When:'));
    expect(told).toEqual([
      'Who saw or changed your record',
      expect.stringContaining(timeZone),
      't-7 (therapist)',
      '  Looked at an alert about you.',
      '    Why: to see if you need help.',
      '  Told someone else about you: County Crisis Team. They were told: the last answers.',
      '    Why: a welfare check.',
      'c-1 (privacy staff)',
      '  Was not let in, or could not do this: Looked at an alert about you.',
      '    Why: the log says "not on the list of this alert".',
      '  Looked at your record because it could not wait.',
      '    Why: the log says "nobody else is there".',
      `${whoAmI} (clinic staff)`,
      '  Told someone else about you: Court of Lagado. They were told: dates of treatment.',
      '    Why: a court order.',
      '  Made a list of what we told others about you.',
      '    Why: someone asked for it.',
      '  Made a list of who saw your record.',
      '    Why: someone asked for it.',
    ]);
    expect(out).toContain(`Your program told us what you did in it: 2 times, on ${dateInWords(since, timeZone)}.`);
    expect((await stack.patients.load(id)).version).toBe(version + 1);
    expect(await newest(id)).toMatchObject({ action: 'audit.who-saw', changed: false });
  });
});

describe('the regular review', () => {
  it('counts people, and lists emergency access and refusals of the period; it is itself recorded', async () => {
    const svg = join(folder, 'review.svg');
    const to = now();
    await review({ ...options, from: since, to, svg, json: true }, find);
    expect([errors, process.exitCode]).toEqual(['', 0]);
    const found = JSON.parse(out);
    const id = await stack.pseudonyms.patient(patient);
    expect(found.emergency).toMatchObject([{ who: 'c-1', chain: id, reason: 'nobody else is there' }]);
    expect(found.refused).toMatchObject([{ who: 'c-1', action: 'alert.view', chain: id }]);
    const counts = Object.fromEntries(
      found.people.map((one: { who: string; records: number }) => [one.who, one.records]),
    );
    expect(counts).toMatchObject({ 't-7': 2, 's-1': 1, 'c-1': 2 });
    expect(found.programs).toContainEqual(expect.objectContaining({ who: 'programme', records: 4, patients: 2 }));
    expect(readFileSync(svg, 'utf8')).toContain('c-1, compliance');
    const own = (await Promise.all(systemChains.map((chain) => newest(chain)))).filter((one) => one !== null);
    expect(own).toContainEqual(
      expect.objectContaining({ action: 'audit.review', detail: expect.objectContaining({ from: since, to }) }),
    );
  });

  it('reads the same as text', async () => {
    await review({ ...options, from: since }, find);
    expect(out).toContain('Emergency access ("break glass"): 1');
    expect(out).toContain(
      'Outside the caseload: a therapist, a patient who now is another’s, and not standing in: none.',
    );
  });
});

describe('one patient as FHIR', () => {
  it('is every record as a valid AuditEvent, the disclosures twice, and names no other patient', async () => {
    const id = await stack.pseudonyms.patient(patient);
    await writeFhir(undefined, { ...options, patient, reason: 'a test', type: 'AuditEvent' }, find);
    expect([errors, process.exitCode]).toEqual(['', 0]);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { version } = await stack.patients.load(id);
    expect(events.filter(({ id: one }) => !one.endsWith('-disclosure'))).toHaveLength(version);
    expect(events.filter(({ id: one }) => one.endsWith('-disclosure'))).toHaveLength(2);
    for (const event of events) expect([...faultsOf(event), ...balpFaults(event)]).toEqual([]);
    expect(out).not.toContain(await stack.pseudonyms.patient(other));
    expect(await newest(id)).toMatchObject({ action: 'audit.fhir', reason: 'a test' });
  });
});
