import { describe, expect, it } from 'vitest';
import { type ProgrammeFile, programmeSchema, settingsSchema } from '../../functions/domain/clinic.ts';
import { crossChecks, type PartialParts } from '../../functions/domain/clinic-checks.ts';
import { type ClinicParts, compileClinic, withDueDays } from '../../functions/domain/clinic-compile.ts';
import type { Messages } from '../../functions/domain/message-template.ts';
import { exampleClinic } from '../example-clinic.ts';
import { escalationOf } from '../example-escalation.ts';

const { settings, rules, messages } = exampleClinic;
const english = messages['en'] as Messages;
const escalation = escalationOf();
const programme: ProgrammeFile = {
  id: 'made-up',
  paceDays: 7,
  modules: [
    { id: 'm1', title: 'One' },
    { id: 'm2', title: 'Two' },
  ],
  measures: [{ measure: 'phq-9', dueDays: [0, 14] }],
};
const measures = Object.fromEntries(exampleClinic.measures.map((measure) => [measure.id, measure]));
const parts: ClinicParts = { settings, programme, rules, escalation, calendars: {}, measures, messages };

const messagesWith = (texts: Partial<Messages['reminder']['texts']>, crisisLine = english.reminder.crisisLine) => ({
  en: { ...english, reminder: { ...english.reminder, crisisLine, texts: { ...english.reminder.texts, ...texts } } },
});
const withCrisisLineOf = (letters: number) => messagesWith({}, `${'x'.repeat(letters)} {crisisLine}`);
const faultsOf = (change: Partial<PartialParts>) =>
  crossChecks({ ...parts, ...change }).map(({ file, path, message }) => `${file} ${path.join('.')} | ${message}`);

describe('the due day of a module', () => {
  it('follows the one before it at the pace of the programme, unless it has one of its own', () => {
    const modules = [
      { id: 'a', title: 'A' },
      { id: 'b', title: 'B', dueDay: 20 },
      { id: 'c', title: 'C' },
    ];
    expect(withDueDays({ ...programme, modules }).map(({ dueDay }) => dueDay)).toEqual([7, 20, 27]);
  });

  it('is the same configuration whether it is written out or follows from the pace', () => {
    const written = { ...programme, modules: withDueDays(programme).map((module) => ({ ...module })) };
    expect(compileClinic({ ...parts, programme: written }).hash).toBe(compileClinic(parts).hash);
  });
});

describe('the hash of a configuration', () => {
  const { hash } = compileClinic(parts);

  it('does not depend on the order of files', () => {
    const reversed = Object.fromEntries(Object.entries(measures).toReversed());
    expect(compileClinic({ ...parts, measures: reversed }).hash).toBe(hash);
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it.each<[string, Partial<ClinicParts>]>([
    ['time zone', { settings: { ...settings, timeZone: 'Europe/Prague' } }],
    ['programme', { programme: { ...programme, paceDays: 8 } }],
    ['measures', { measures: { 'phq-9': exampleClinic.measures.find(({ id }) => id === 'phq-9') as never } }],
    ['rules', { rules: { ...rules, safety: { ...rules.safety, urgentRise: 3 } } }],
  ])('changes with the %s, on which decisions depend', (_, change) => {
    expect(compileClinic({ ...parts, ...change }).hash).not.toBe(hash);
  });

  it.each<[string, Partial<ClinicParts>]>([
    ['deployment', { settings: { ...settings, deployment: { ...settings.deployment, logRetentionDays: 30 } } }],
    ['name', { settings: { ...settings, name: 'Another Clinic' } }],
    ['messages', { messages: messagesWith({ welcome: 'Hello: {portalUrl}' }) }],
  ])('does not change with the %s, on which no decision depends', (_, change) => {
    expect(compileClinic({ ...parts, ...change }).hash).toBe(hash);
  });
});

describe('the checks across files', () => {
  it('find nothing in a sound configuration', () => {
    expect(crossChecks(parts)).toEqual([]);
  });

  it('pass over what could not be read, and report the rest', () => {
    expect(faultsOf({ settings: null, programme: null })).toEqual([]);
    expect(faultsOf({ measures: { 'phq-9': null }, messages: { en: null } })).toEqual([]);
    expect(faultsOf({ settings: null, messages: messagesWith({ welcome: 'About phq-9' }) })).toHaveLength(2);
  });

  it('do not mistake a name that every object has for a file', () => {
    expect(faultsOf({ settings: { ...settings, language: 'constructor' } })).toHaveLength(1);
    expect(
      faultsOf({ programme: { ...programme, measures: [{ measure: 'constructor', dueDays: [0] }] } }),
    ).toHaveLength(1);
  });

  it('take a questionnaire that is due with its module, or later', () => {
    const bound = { ...programme, measures: [{ measure: 'phq-9', dueDays: [14, 21], module: 'm2' }] };
    expect(faultsOf({ programme: bound })).toEqual([]);
  });

  it("refuse the clinic's name in a message, whatever its case", () => {
    expect(faultsOf({ messages: messagesWith({ welcome: 'EXAMPLE CLINIC: {portalUrl}' }) })).toEqual([
      'messages/en.yaml reminder.texts.welcome | welcome: says "Example Clinic", which tells others about the patient: leave it out',
    ]);
  });

  it('take a word that merely holds a telling one', () => {
    const short = { ...programme, id: 'new' };
    expect(faultsOf({ programme: short, messages: messagesWith({ welcome: 'News: {portalUrl}' }) })).toEqual([]);
    expect(faultsOf({ programme: short, messages: messagesWith({ welcome: 'New: {portalUrl}' }) })).toHaveLength(1);
    const tiny = { ...programme, id: 'a' };
    expect(faultsOf({ programme: tiny, messages: messagesWith({ welcome: 'In a word: {portalUrl}' }) })).toEqual([]);
  });

  it('count an SMS with the address filled in: 160 letters of the SMS alphabet, or 134 of others', () => {
    const room = 160 - ` ${settings.portalUrl}`.length;
    expect(faultsOf({ messages: messagesWith({ welcome: `${'x'.repeat(room)} {portalUrl}` }) })).toEqual([]);
    expect(faultsOf({ messages: messagesWith({ welcome: `${'x'.repeat(room + 1)} {portalUrl}` }) })).toHaveLength(1);
    const other = 134 - ` ${settings.portalUrl}`.length;
    expect(
      faultsOf({ messages: messagesWith({ welcome: `${'ł'.repeat(other)} {portalUrl}` }, '{crisisLine}') }),
    ).toEqual([]);
    expect(faultsOf({ messages: messagesWith({ welcome: `${'ł'.repeat(other + 1)} {portalUrl}` }) })).toEqual([
      "messages/en.yaml reminder.texts.welcome | welcome: with the portal's address it is 135 characters in UCS-2, 3 SMS: shorten it to 2 SMS",
    ]);
  });

  it('leave one more SMS for the crisis line', () => {
    const longest = Object.values(english.reminder.texts).toSorted((one, other) => other.length - one.length)[0] ?? '';
    const used =
      longest.replace('{portalUrl}', settings.portalUrl).length + '  '.length + settings.crisisLine.text.length;
    expect(faultsOf({ messages: withCrisisLineOf(306 - used) })).toEqual([]);
    expect(faultsOf({ messages: withCrisisLineOf(307 - used) })).toEqual([
      "messages/en.yaml reminder.texts.module-overdue | module-overdue: with the portal's address and the crisis line it is 307 characters in GSM-7, 3 SMS: shorten it to 2 SMS",
    ]);
  });

  it('name a scorecard that looks at a measure the clinic does not have, once all measures can be read', () => {
    const { isi: _, 'gad-7': __, ...fewer } = measures;
    const faults = faultsOf({ measures: fewer });
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults)
      expect(fault).toMatch(/^rules\.yaml risk\.\w+\.factors\.\d+\.measure \| measure: is no measure of this clinic: /);
    expect(faultsOf({ measures: { ...fewer, isi: null } })).toEqual([]);
    expect(faultsOf({ measures: fewer, rules: { safety: rules.safety } })).toEqual([]);
    expect(faultsOf({ measures: fewer, rules: null })).toEqual([]);
  });
});

describe('the schemas', () => {
  it('fill in what has a source or a harmless default, and nothing else', () => {
    const { auditRetentionYears: _, deployment, ...given } = settings;
    const { stage, region } = deployment;
    const read = settingsSchema.parse({ ...given, deployment: { stage, region } });
    expect(read.auditRetentionYears).toBe(6);
    expect(read.deployment).toEqual({
      stage,
      region,
      eventSource: 'tandem.programme',
      logRetentionDays: 365,
      tracing: false,
      nightlyScanAt: '02:00',
      morningListAt: '07:30',
      backup: { at: '04:30', keepDays: 35, lock: 'compliance' },
    });
    const { crisisLine: __, ...without } = given;
    expect(settingsSchema.safeParse({ ...without, deployment }).success).toBe(false);
  });

  it('describe every setting, for messages and documentation', () => {
    const fields = [settingsSchema, programmeSchema].flatMap((schema) => Object.entries(schema.shape));
    expect(fields.filter(([, field]) => !/\w/.test(field.description ?? '')).map(([name]) => name)).toEqual([]);
  });

  it.each([
    ['https://portal.example.org', true],
    ['https://portal.example.org:8443/en/', true],
    ['http://portal.example.org', false],
    ['https://user:word@portal.example.org', false],
    ['https://portal.example.org/#p', false],
    ['https://portal.example.org:99999', false],
    ['https://', false],
  ])('take %s as an address: %s', (portalUrl, expected) => {
    expect(settingsSchema.safeParse({ ...settings, portalUrl }).success).toBe(expected);
  });
});
