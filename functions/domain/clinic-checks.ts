import type { ProgrammeFile, Settings } from './clinic.ts';
import { type ClinicParts, withDueDays } from './clinic-compile.ts';
import { type Calendars, escalationFaults } from './escalation-checks.ts';
import type { Measure } from './measure.ts';
import {
  hasStrayBrace,
  type Messages,
  placeholdersIn,
  reminderTopics,
  renderMessage,
  templatesOf,
} from './message-template.ts';
import { riskRulesFaults } from './risk-rules.ts';
import { smsLength } from './sms-segments.ts';

/** One thing wrong between or within a clinic's files. `file` is relative to the folder; `path` leads to the setting. */
export interface ClinicFault {
  readonly file: string;
  readonly path: readonly (string | number)[];
  /** What is wrong and what to write instead. */
  readonly message: string;
}

/** What could be read of a clinic's files: a file that is missing or has faults of its own is null. */
export interface PartialParts {
  readonly settings: ClinicParts['settings'] | null;
  readonly programme: ClinicParts['programme'] | null;
  readonly rules: ClinicParts['rules'] | null;
  readonly escalation: ClinicParts['escalation'] | null;
  readonly calendars: Calendars;
  readonly measures: { readonly [name: string]: Measure | null };
  readonly messages: { readonly [language: string]: Messages | null };
}

/**
 * SMS segments a reminder may take: one, or two in a language whose letters are outside GSM-7, where a segment holds less
 * than half as many. The crisis line may take one more. A default, not evidence: it keeps what a clinic pays foreseeable.
 */
const reminderSegments = { 'GSM-7': 1, 'UCS-2': 2 } as const;

/** What no schema of one file can see. Total: what could not be read is passed over, so that all faults come at once. */
export function crossChecks(parts: PartialParts): ClinicFault[] {
  return [
    ...languageFaults(parts),
    ...senderFaults(parts),
    ...(parts.programme === null ? [] : programmeFaults(parts.programme, parts.measures)),
    ...rulesFaults(parts),
    ...escalationFileFaults(parts),
    ...Object.entries(parts.measures).flatMap(([name, measure]) => measureFaults(name, measure)),
    ...Object.entries(parts.messages).flatMap(([language, messages]) =>
      messages === null ? [] : messageFaults(`messages/${language}.yaml`, messages, parts),
    ),
  ];
}

function languageFaults({ settings, messages }: PartialParts): ClinicFault[] {
  const unknown = Object.keys(messages).filter((language) => !isLanguage(language));
  const faults = unknown.map((language) => ({
    file: `messages/${language}.yaml`,
    path: [],
    message: 'the name of this file is no language: name it by its language, such as en.yaml or pt-BR.yaml',
  }));
  if (settings === null || Object.hasOwn(messages, settings.language)) return faults;
  const message = `language: has no file in messages: add messages/${settings.language}.yaml or write a language that has one`;
  return [...faults, { file: 'clinic.yaml', path: ['language'], message }];
}

/** Others see the sender too: it must not say what a message itself may not. It has no spaces, so neither is compared with any. */
function senderFaults({ settings, programme }: PartialParts): ClinicFault[] {
  const sender = bare(settings?.sending.senderName ?? '');
  const told = [settings?.name ?? '', programme?.id ?? '']
    .filter((word) => bare(word).length >= 3)
    .find((word) => sender.includes(bare(word)));
  if (told === undefined) return [];
  const message = `senderName: says "${told}", which tells others about the patient: write another name, or leave it out`;
  return [{ file: 'clinic.yaml', path: ['sending', 'senderName'], message }];
}

function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** ISO 639 with an optional region, as events write it; the list of languages is that of the run time's CLDR. */
function isLanguage(tag: string): boolean {
  if (!/^[a-z]{2,3}(-[A-Z]{2})?$/.test(tag)) return false;
  return new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(tag) !== undefined;
}

function programmeFaults(programme: ProgrammeFile, measures: PartialParts['measures']): ClinicFault[] {
  return [...moduleFaults(programme), ...scheduleFaults(programme, measures)].map((fault) => ({
    file: 'programme.yaml',
    ...fault,
  }));
}

type Finding = Omit<ClinicFault, 'file'>;

function moduleFaults(programme: ProgrammeFile): Finding[] {
  const modules = withDueDays(programme);
  return modules.flatMap(({ id, dueDay }, index) => {
    const faults: Finding[] = [];
    if (modules.findIndex((other) => other.id === id) < index)
      faults.push({ path: ['modules', index, 'id'], message: `id: module ${id} is listed twice: keep one` });
    const before = modules[index - 1];
    if (before !== undefined && dueDay <= before.dueDay)
      faults.push({
        path: ['modules', index, 'dueDay'],
        message: `dueDay: comes no later than day ${before.dueDay} of the module before it: write ${before.dueDay + 1} or more, or change the order`,
      });
    return faults;
  });
}

function scheduleFaults(programme: ProgrammeFile, measures: PartialParts['measures']): Finding[] {
  return programme.measures.flatMap(({ measure, dueDays, module }, index) => {
    const path = ['measures', index] as const;
    const faults: Finding[] = [];
    if (!Object.hasOwn(measures, measure))
      faults.push({
        path: [...path, 'measure'],
        message: `measure: ${measure} has no file: add measures/${measure}.yaml or write one of ${Object.keys(measures).join(', ')}`,
      });
    if (programme.measures.findIndex((other) => other.measure === measure) < index)
      faults.push({
        path: [...path, 'measure'],
        message: `measure: ${measure} is listed twice: put all its days into one list of dueDays`,
      });
    dueDays.forEach((day, place) => {
      const before = dueDays[place - 1];
      if (before !== undefined && day <= before)
        faults.push({
          path: [...path, 'dueDays', place],
          message: `dueDays: day ${day} does not come after day ${before}: list each day once, in order`,
        });
    });
    return module === undefined ? faults : [...faults, ...handedOutFaults(programme, module, dueDays, path)];
  });
}

/** A questionnaire that a module hands out cannot be due before the module itself. */
function handedOutFaults(
  programme: ProgrammeFile,
  id: string,
  dueDays: readonly number[],
  path: readonly (string | number)[],
): Finding[] {
  const module = withDueDays(programme).find((one) => one.id === id);
  if (module === undefined) {
    const known = programme.modules.map((one) => one.id).join(', ');
    return [
      { path: [...path, 'module'], message: `module: ${id} is not a module of the programme: write one of ${known}` },
    ];
  }
  return dueDays.flatMap((day, place) =>
    day >= module.dueDay
      ? []
      : [
          {
            path: [...path, 'dueDays', place],
            message: `dueDays: day ${day} comes before its module: ${id} is due on day ${module.dueDay}, so write ${module.dueDay} or more`,
          },
        ],
  );
}

/** The scorecards look at measures: they are checked once all of those can be read. */
function rulesFaults({ rules, measures }: PartialParts): ClinicFault[] {
  const readable = Object.values(measures).filter((measure) => measure !== null);
  if (rules?.risk === undefined || readable.length < Object.keys(measures).length) return [];
  return riskRulesFaults(rules.risk, readable).map(({ path, message }) => ({
    file: 'rules.yaml',
    path: ['risk', ...path],
    message: `${path.at(-1)}: ${message}`,
  }));
}

/** The plan is in the clinic's own time, and its supervisor is named there. */
function escalationFileFaults({ escalation, calendars, settings }: PartialParts): ClinicFault[] {
  if (escalation === null || settings === null) return [];
  const { timeZone, addresses } = settings;
  return escalationFaults(escalation, calendars, { timeZone, supervisor: addresses.supervisor }).map((fault) => ({
    file: 'escalation.yaml',
    ...fault,
  }));
}

/** With the file's name as its id no two measures can have the same. */
function measureFaults(name: string, measure: Measure | null): ClinicFault[] {
  if (measure === null || measure.id === name) return [];
  const message = `id: is not the name of the file: write ${name}, or rename the file to ${measure.id}.yaml`;
  return [{ file: `measures/${name}.yaml`, path: ['id'], message }];
}

function messageFaults(file: string, messages: Messages, parts: PartialParts): ClinicFault[] {
  const telling = tellingWords(parts);
  const faults: Finding[] = templatesOf(messages).flatMap(({ path, text, placeholders }) => {
    const key = path.at(-1);
    const found = placeholdersIn(text);
    const known =
      placeholders.length === 0 ? 'this text has none' : `known here: ${placeholders.map(braced).join(', ')}`;
    return [
      ...found
        .filter((name) => !placeholders.some((one) => one === name))
        .map((name) => `${key}: ${braced(name)} is not a placeholder of this text: ${known}`),
      ...placeholders
        .filter((name) => !found.includes(name))
        .map((name) => `${key}: lacks ${braced(name)}: write it where it is to stand`),
      ...(hasStrayBrace(text) ? [`${key}: has a single brace: write placeholders as ${braced('name')}`] : []),
      ...telling
        .filter((word) => hasWord(text, word))
        .map((word) => `${key}: says "${word}", which tells others about the patient: leave it out`),
    ].map((message) => ({ path, message }));
  });
  if (parts.settings !== null) faults.push(...lengthFaults(messages, parts.settings));
  return faults.map((fault) => ({ file, ...fault }));
}

const braced = (name: string) => `{${name}}`;

/** Words of this clinic that give away what a patient is treated for. Shorter ones could be any word of a language. */
function tellingWords({ settings, programme, measures }: PartialParts): string[] {
  const words = [settings?.name ?? '', programme?.id ?? '', ...Object.keys(measures)];
  return words.filter((word) => word.length >= 3);
}

/** Whether the word stands in the text by itself, whatever the case. */
function hasWord(text: string, word: string): boolean {
  const padded = ` ${text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return padded.includes(` ${word.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ')} `);
}

function lengthFaults(messages: Messages, settings: Settings): Finding[] {
  const values = { portalUrl: settings.portalUrl, crisisLine: settings.crisisLine.text };
  const { texts, crisisLine } = messages.reminder;
  return reminderTopics.flatMap((topic) => {
    const alone = smsLength(renderMessage(texts[topic], values));
    const helped = smsLength(renderMessage(`${texts[topic]} ${crisisLine}`, values));
    const path = ['reminder', 'texts', topic];
    if (alone.segments > reminderSegments[alone.encoding])
      return [{ path, message: tooLong(topic, '', alone, reminderSegments[alone.encoding]) }];
    const most = reminderSegments[helped.encoding] + 1;
    return helped.segments > most ? [{ path, message: tooLong(topic, ' and the crisis line', helped, most) }] : [];
  });
}

function tooLong(topic: string, also: string, length: ReturnType<typeof smsLength>, most: number): string {
  const { units, encoding, segments } = length;
  return `${topic}: with the portal's address${also} it is ${units} characters in ${encoding}, ${segments} SMS: shorten it to ${most} SMS`;
}
