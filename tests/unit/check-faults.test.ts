import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderFault, formatFault, loadClinic } from '../../bin/clinic-folder.ts';
import { copyOfClinic } from '../clinic-copy.ts';

let copy: ReturnType<typeof copyOfClinic>;
beforeEach(() => {
  copy = copyOfClinic();
});
afterEach(() => copy.remove());

function faultsOf(folder: string): readonly FolderFault[] {
  const loaded = loadClinic(folder);
  return 'faults' in loaded ? loaded.faults : [];
}

/** Faults as [file, the text of the line they name, message]: so a comment more in a file moves no expectation. */
function found(): [string, string, string][] {
  return faultsOf(copy.folder).map(({ file, line, message }) => {
    const name = relative(copy.folder, file);
    return [name, copy.read(name).split('\n')[line - 1]?.trim() ?? '', message];
  });
}

function replace(file: string, from: string, to: string): void {
  const text = copy.read(file);
  if (text.split(from).length !== 2) throw new Error(`${from} does not stand once in ${file}`);
  copy.write(
    file,
    text.replace(from, () => to),
  );
}

const gsm = 'x'.repeat(140);

/** [what is wrong, file, text in it, what it becomes, [the line named, the message]…]. */
const mistakes: [string, string, string, string, ...[string, string][]][] = [
  // clinic.yaml
  [
    'a sender that says what the programme treats',
    'clinic.yaml',
    'sending:\n',
    'sending:\n  senderName: Depression1\n',
    [
      'senderName: Depression1',
      'senderName: says "depression", which tells others about the patient: write another name, or leave it out',
    ],
  ],
  [
    'a sender with a space and without a letter',
    'clinic.yaml',
    'sending:\n',
    'sending:\n  senderName: "12 34"\n',
    ['senderName: "12 34"', 'senderName: write 3 to 11 letters and digits without spaces, such as Reminders'],
  ],
  [
    'more messages a second than anybody may send',
    'clinic.yaml',
    'perSecond: 1',
    'perSecond: 1000',
    ['perSecond: 1000', 'perSecond: write at most 100'],
  ],
  [
    'an unknown time zone',
    'clinic.yaml',
    'America/New_York',
    'Mars/Base',
    ['timeZone: Mars/Base', 'timeZone: name an IANA time zone by area and city, such as America/New_York'],
  ],
  [
    'an abbreviation as a time zone',
    'clinic.yaml',
    'America/New_York',
    'EST5EDT',
    ['timeZone: EST5EDT', 'timeZone: name an IANA time zone by area and city, such as America/New_York'],
  ],
  [
    'an unknown setting',
    'clinic.yaml',
    'language: en',
    'language: en\nfax: none',
    [
      'fax: none',
      'fax: is not a known setting: leave it out (known here: name, timeZone, language, portalUrl, addresses, auditRetentionYears, accessReview, automaticLogoffMinutes, signIn, crisisLine, sending, deployment)',
    ],
  ],
  [
    'a misspelled setting, once',
    'clinic.yaml',
    'timeZone:',
    'timezone:',
    ['timezone: America/New_York', 'timezone: is not a known setting: did you mean timeZone?'],
  ],
  [
    'a missing setting, at the top',
    'clinic.yaml',
    'name: Example Clinic',
    '',
    [
      '# Who the clinic is and how its Tandem is deployed. Example Clinic is made up: replace every value by your own.',
      "name: is missing: add it (the clinic's name)",
    ],
  ],
  [
    'a missing setting, at its parent',
    'clinic.yaml',
    '  operations: operations@example.org',
    '',
    ['addresses:', 'operations: is missing: add it (the e-mail address that gets the alarms)'],
  ],
  [
    'a setting without a value',
    'clinic.yaml',
    'name: Example Clinic',
    'name:',
    ['name:', "name: has no value: write text, in quotes where it looks like a number (the clinic's name)"],
  ],
  [
    'a number where text belongs',
    'clinic.yaml',
    'name: Example Clinic',
    'name: 7',
    ['name: 7', 'name: write text, in quotes where it looks like a number'],
  ],
  [
    'a name of two lines',
    'clinic.yaml',
    'name: Example Clinic',
    'name: "Example\\nClinic"',
    ['name: "Example\\nClinic"', 'name: write one line of text'],
  ],
  [
    'a name too long',
    'clinic.yaml',
    'name: Example Clinic',
    `name: ${'x'.repeat(101)}`,
    [`name: ${'x'.repeat(101)}`, 'name: write at most 100 characters'],
  ],
  [
    'an address without https',
    'clinic.yaml',
    'https://portal.example.org',
    'http://portal.example.org',
    [
      'portalUrl: http://portal.example.org',
      'portalUrl: write an https address without "?" or "#", such as https://portal.example.org',
    ],
  ],
  [
    'an address that could carry an id',
    'clinic.yaml',
    'https://portal.example.org',
    'https://portal.example.org/?p=1',
    [
      'portalUrl: https://portal.example.org/?p=1',
      'portalUrl: write an https address without "?" or "#", such as https://portal.example.org',
    ],
  ],
  [
    'no e-mail address',
    'clinic.yaml',
    'compliance@example.org',
    'the office',
    ['complianceOfficer: the office', 'complianceOfficer: write an e-mail address such as it@example.org'],
  ],
  [
    'records kept too short',
    'clinic.yaml',
    'auditRetentionYears: 6',
    'auditRetentionYears: 5',
    ['auditRetentionYears: 5', 'auditRetentionYears: write 6 or more: 45 CFR 164.316(b)(2)(i) asks for six years'],
  ],
  [
    'half a year',
    'clinic.yaml',
    'auditRetentionYears: 6',
    'auditRetentionYears: 6.5',
    ['auditRetentionYears: 6.5', 'auditRetentionYears: write a whole number of years, 6 or more'],
  ],
  [
    'tracing in words',
    'clinic.yaml',
    'tracing: false',
    'tracing: sometimes',
    ['tracing: sometimes', 'tracing: write true or false'],
  ],
  [
    'a time that no day has',
    'clinic.yaml',
    "'02:00'",
    "'24:00'",
    ["nightlyScanAt: '24:00'", "nightlyScanAt: write a time of the clinic's day such as 02:00"],
  ],
  [
    'a morning list at a time without its zero',
    'clinic.yaml',
    "'07:30'",
    "'7:30'",
    ["morningListAt: '7:30'", "morningListAt: write a time of the clinic's day such as 07:30"],
  ],
  [
    'a computer left alone for hours',
    'clinic.yaml',
    'automaticLogoffMinutes: 15',
    'automaticLogoffMinutes: 240',
    [
      'automaticLogoffMinutes: 240',
      'automaticLogoffMinutes: write at most 60: a computer left alone shows a patient’s record',
    ],
  ],
  [
    'a sign-in over plain HTTP',
    'clinic.yaml',
    'automaticLogoffMinutes: 15',
    'automaticLogoffMinutes: 15\nsignIn:\n  issuer: http://login.example.org\n  audience: tandem\n  clientId: page',
    [
      'issuer: http://login.example.org',
      'issuer: write the https address under which the sign-in names itself, such as https://login.example.org',
    ],
  ],
  [
    'a place for tokens that is more than an address',
    'clinic.yaml',
    'automaticLogoffMinutes: 15',
    'automaticLogoffMinutes: 15\nsignIn:\n  issuer: https://login.example.org\n  audience: tandem\n  clientId: page\n  tokenOrigins: [https://tokens.example.org/token]',
    [
      'tokenOrigins: [https://tokens.example.org/token]',
      'tokenOrigins: write an https address without a path, such as https://tokens.example.org',
    ],
  ],
  [
    'a sign-in whose tokens say nothing of whom they are for',
    'clinic.yaml',
    'automaticLogoffMinutes: 15',
    'automaticLogoffMinutes: 15\nsignIn:\n  issuer: https://login.example.org\n  clientId: page',
    ['signIn:', 'audience: is missing: add it (what an access token for Tandem says it is for)'],
  ],
  [
    'a backup that reaches less far back than the table itself',
    'clinic.yaml',
    'keepDays: 35',
    'keepDays: 7',
    [
      'keepDays: 7',
      'keepDays: write 35 or more: a shorter time than the tables themselves can be brought back is no backup',
    ],
  ],
  [
    'a number of days that no log is kept',
    'clinic.yaml',
    'logRetentionDays: 365',
    'logRetentionDays: 366',
    [
      'logRetentionDays: 366',
      'logRetentionDays: write one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653',
    ],
  ],
  [
    'an account that has lost its zeros',
    'clinic.yaml',
    '  region: us-east-1',
    '  region: us-east-1\n  account: 12345678901',
    ['account: 12345678901', 'account: write the 12 digits in quotes, such as "012345678901"'],
  ],
  [
    'a source reserved for AWS',
    'clinic.yaml',
    'eventSource: tandem.programme',
    'eventSource: aws.ec2',
    ['eventSource: aws.ec2', 'eventSource: write a source such as tandem.programme; "aws." is reserved'],
  ],
  [
    'text where settings belong',
    'clinic.yaml',
    '  text: call or text 988',
    '  988',
    ['crisisLine:', 'crisisLine: write its settings below it, indented, each as "name: value"'],
  ],
  [
    'a language without a file',
    'clinic.yaml',
    'language: en',
    'language: es',
    ['language: es', 'language: has no file in messages: add messages/es.yaml or write a language that has one'],
  ],

  // YAML itself
  [
    'a setting written twice',
    'clinic.yaml',
    'language: en',
    'language: en\nlanguage: en',
    ['language: en', 'language: is written twice: keep one'],
  ],
  [
    'a tab',
    'clinic.yaml',
    '  stage: example',
    '\tstage: example',
    ['stage: example', 'is indented with a tab: use spaces'],
  ],
  [
    'a quote left open',
    'clinic.yaml',
    'name: Example Clinic',
    'name: "Example Clinic',
    ['name: "Example Clinic', 'is not YAML: mend the indentation, quotes or brackets here (Missing closing "quote)'],
  ],
  [
    'a colon within text',
    'clinic.yaml',
    'name: Example Clinic',
    'name: Example: Clinic',
    ['name: Example: Clinic', 'has a second ": " on the line: put the text in quotes'],
  ],
  [
    'a second document',
    'clinic.yaml',
    'language: en',
    '---\nlanguage: en',
    ['---', 'starts a second document: remove the line "---"'],
  ],
  [
    'an anchor and an alias',
    'clinic.yaml',
    'name: Example Clinic\n',
    'name: &a Example Clinic\nfax: *a\n',
    [
      'name: &a Example Clinic',
      'has an anchor ("&"): leave it out, or put the text in quotes where it starts with "&"',
    ],
    ['fax: *a', 'is an alias ("*"): write the value itself, in quotes where it starts with "*"'],
  ],
  [
    'a tag',
    'clinic.yaml',
    'name: Example Clinic',
    'name: !!binary aGk=',
    ['name: !!binary aGk=', 'has a tag ("!"): leave it out, or put the text in quotes where it starts with "!"'],
  ],
  [
    'a key that is a list',
    'clinic.yaml',
    'name: Example Clinic',
    '? [name]\n: Example Clinic',
    ['? [name]', 'is no plain word before the ":": write the name of a setting'],
  ],
  [
    'brackets without end',
    'clinic.yaml',
    'name: Example Clinic',
    `name: ${'['.repeat(3000)}`,
    [`name: ${'['.repeat(3000)}`, 'is nested too deeply: write settings as the example folder does'],
  ],

  // programme.yaml
  [
    'a module listed twice',
    'programme.yaml',
    '- id: m3',
    '- id: m2',
    ['- id: m2', 'id: module m2 is listed twice: keep one'],
  ],
  [
    'a module due before the one before it',
    'programme.yaml',
    '    title: Doing what matters',
    '    title: Doing what matters\n    dueDay: 21',
    ['dueDay: 21', 'dueDay: comes no later than day 21 of the module before it: write 22 or more, or change the order'],
  ],
  [
    'no modules',
    'programme.yaml',
    'modules:\n',
    'modules: []\nolder:\n',
    ['modules: []', 'modules: list at least one module'],
    ['older:', 'older: is not a known setting: leave it out (known here: id, paceDays, modules, measures, reminders)'],
  ],
  [
    'a module without a title',
    'programme.yaml',
    '    title: Planning the day\n',
    '',
    ['- id: m3', 'title: is missing: add it (what therapists call the module)'],
  ],
  [
    'a misspelled setting of a module',
    'programme.yaml',
    'dueDay: 7',
    'dueday: 7',
    ['dueday: 7', 'dueday: is not a known setting: did you mean dueDay?'],
  ],
  [
    'a day in words',
    'programme.yaml',
    'dueDay: 7',
    'dueDay: a week',
    ['dueDay: a week', 'dueDay: write a whole number such as 7, without quotes'],
  ],
  [
    'a day before the enrolment',
    'programme.yaml',
    'dueDays: [0]',
    'dueDays: [-1]',
    ['dueDays: [-1]', 'dueDays: write 0 or more'],
  ],
  [
    'a list that is none',
    'programme.yaml',
    'dueDays: [0]',
    'dueDays: 0',
    ['dueDays: 0', 'dueDays: write a list, each entry on a line that starts with "- "'],
  ],
  ['no day at all', 'programme.yaml', 'dueDays: [0]', 'dueDays: []', ['dueDays: []', 'dueDays: list at least one day']],
  [
    'days out of order',
    'programme.yaml',
    'dueDays: [0, 28, 56]',
    'dueDays: [0, 56, 28]',
    ['dueDays: [0, 56, 28]', 'dueDays: day 28 does not come after day 56: list each day once, in order'],
  ],
  [
    'a day listed twice',
    'programme.yaml',
    'dueDays: [0, 28, 56]',
    'dueDays: [0, 28, 28]',
    ['dueDays: [0, 28, 28]', 'dueDays: day 28 does not come after day 28: list each day once, in order'],
  ],
  [
    'a measure that has no file',
    'programme.yaml',
    'measure: isi',
    'measure: isl',
    ['- measure: isl', 'measure: isl has no file: add measures/isl.yaml or write one of eheals, gad-7, isi, phq-9'],
  ],
  [
    'a measure listed twice',
    'programme.yaml',
    'measure: isi',
    'measure: gad-7',
    ['- measure: gad-7', 'measure: gad-7 is listed twice: put all its days into one list of dueDays'],
  ],
  [
    'a questionnaire due before its module',
    'programme.yaml',
    'dueDays: [0, 28, 56]',
    'dueDays: [0, 28, 56]\n    module: m4',
    ['dueDays: [0, 28, 56]', 'dueDays: day 0 comes before its module: m4 is due on day 28, so write 28 or more'],
  ],
  [
    'a questionnaire of an unknown module',
    'programme.yaml',
    'dueDays: [0, 28, 56]',
    'dueDays: [0, 28, 56]\n    module: m9',
    ['module: m9', 'module: m9 is not a module of the programme: write one of m1, m2, m3, m4, m5, m6, m7, m8'],
  ],
  [
    'an id with a blank',
    'programme.yaml',
    'id: depression',
    'id: my programme',
    ['id: my programme', 'id: a programme is 1 to 64 letters, digits, ".", "_" or "-"'],
  ],

  // rules.yaml and a measure: their schemas have tests of their own
  ['tiers out of order', 'rules.yaml', 'alertAt: 2', 'alertAt: 4', ['urgentAt: 3', 'urgentAt: write at least alertAt']],
  [
    'a measure under the name of another',
    'measures/isi.yaml',
    '\nid: isi',
    '\nid: gad-7',
    ['id: gad-7', 'id: is not the name of the file: write isi, or rename the file to gad-7.yaml'],
  ],
  [
    'a value that is none of a list',
    'measures/isi.yaml',
    'direction: higher-is-worse',
    'direction: worse',
    ['direction: worse', 'direction: write higher-is-worse or higher-is-better'],
  ],

  // messages
  [
    'an unknown placeholder',
    'messages/en.yaml',
    'Your next step is ready when you are: {portalUrl}',
    'Your step, {name}: {portalUrl}',
    [
      "module-due: 'Your step, {name}: {portalUrl}'",
      'module-due: {name} is not a placeholder of this text: known here: {portalUrl}',
    ],
  ],
  [
    'a placeholder in a subject',
    'messages/en.yaml',
    'subject: A message for you',
    'subject: About {alertId}',
    ['subject: About {alertId}', 'subject: {alertId} is not a placeholder of this text: this text has none'],
  ],
  [
    'a missing placeholder',
    'messages/en.yaml',
    'Details: {portalUrl}',
    'Details there',
    [
      "live-session: 'You have an appointment tomorrow. Details there'",
      'live-session: lacks {portalUrl}: write it where it is to stand',
    ],
  ],
  [
    'a single brace',
    'messages/en.yaml',
    'Welcome. You',
    'Welcome}. You',
    [
      "welcome: 'Welcome}. You can start whenever it suits you: {portalUrl}'",
      'welcome: has a single brace: write placeholders as {name}',
    ],
  ],
  [
    'the programme in a message',
    'messages/en.yaml',
    'A few short questions',
    'Questions on Depression',
    [
      "questionnaire-due: 'Questions on Depression are waiting for you: {portalUrl}'",
      'questionnaire-due: says "depression", which tells others about the patient: leave it out',
    ],
  ],
  [
    'a measure in a message',
    'messages/en.yaml',
    'A few short questions',
    'The PHQ 9 questions',
    [
      "questionnaire-due: 'The PHQ 9 questions are waiting for you: {portalUrl}'",
      'questionnaire-due: says "phq-9", which tells others about the patient: leave it out',
    ],
  ],
  [
    'a subject with an accent',
    'messages/en.yaml',
    'subject: A message for you',
    'subject: Señales',
    ['subject: Señales', 'subject: write one line of at most 99 letters, digits and signs without accents'],
  ],
  [
    'a reminder of two SMS',
    'messages/en.yaml',
    'It has been a while.',
    gsm,
    [
      `inactivity: '${gsm} You are welcome back at any time: {portalUrl}'`,
      "inactivity: with the portal's address it is 201 characters in GSM-7, 2 SMS: shorten it to 1 SMS",
    ],
  ],
  [
    'a text that is no reminder',
    'messages/en.yaml',
    '    inactivity:',
    '    birthday:',
    ['texts:', 'inactivity: is missing: add it (when a patient has been away)'],
    [
      "birthday: 'It has been a while. You are welcome back at any time: {portalUrl}'",
      'birthday: is not a known setting: leave it out (known here: welcome, module-due, module-overdue, questionnaire-due, inactivity, live-session)',
    ],
  ],
];

describe('a mistake in the clinic folder is named by file, line and what to write instead', () => {
  it.each(mistakes)('%s', (_, file, from, to, ...expected) => {
    replace(file, from, to);
    expect(found()).toEqual(expected.map(([line, message]) => [file, line, message]));
  });
});

describe('a folder that is not whole', () => {
  it.each(['clinic.yaml', 'programme.yaml', 'rules.yaml'])('names %s where it is missing', (file) => {
    rmSync(join(copy.folder, file));
    expect(faultsOf(copy.folder)).toEqual([
      { file: join(copy.folder, file), line: 1, column: 1, message: 'is missing: add the file' },
    ]);
  });

  it('names a file that was misnamed, and by which name it would be read', () => {
    copy.write('programe.yaml', copy.read('programme.yaml'));
    rmSync(join(copy.folder, 'programme.yaml'));
    expect(faultsOf(copy.folder).map(({ file, message }) => [relative(copy.folder, file), message])).toEqual([
      ['programe.yaml', 'is not read: did you mean programme.yaml?'],
      ['programme.yaml', 'is missing: add the file'],
    ]);
  });

  it('names files that would be passed over in silence, and takes notes as notes', () => {
    copy.write('budget.yml', 'a: 1');
    copy.write('measures/bdi.yml', 'id: bdi');
    copy.write('measures/README.md', 'Our measures.');
    copy.write('measures/.DS_Store', '');
    expect(faultsOf(copy.folder).map(({ file, message }) => [relative(copy.folder, file), message])).toEqual([
      [
        'budget.yml',
        'is not read: move it away (known here: clinic.yaml, programme.yaml, rules.yaml, escalation.yaml)',
      ],
      ['measures/bdi.yml', 'is not read: let its name end in .yaml, or move it away'],
    ]);
  });

  it.each([
    ['empty', '', 'is empty: write the settings, or restore the file'],
    ['only comments', '# later\n', 'is empty: write the settings, or restore the file'],
    ['a list', '- a\n', 'write its settings below it, indented, each as "name: value"'],
    ['enormous', `# ${'x'.repeat(300_000)}\n`, 'is larger than 64 KB: keep only settings in this file'],
  ])('refuses a file that is %s', (_, text, message) => {
    copy.write('rules.yaml', text);
    expect(faultsOf(copy.folder)).toEqual([{ file: join(copy.folder, 'rules.yaml'), line: 1, column: 1, message }]);
  });

  it('refuses a file that is not UTF-8', () => {
    writeFileSync(join(copy.folder, 'rules.yaml'), Buffer.from([0x6e, 0xe9]));
    expect(faultsOf(copy.folder).map(({ message }) => message)).toEqual(['is not UTF-8 text: save it as UTF-8']);
  });

  it('refuses a folder in the place of a file', () => {
    rmSync(join(copy.folder, 'rules.yaml'));
    mkdirSync(join(copy.folder, 'rules.yaml'));
    expect(faultsOf(copy.folder).map(({ message }) => message)).toEqual([
      'cannot be read (EISDIR): make it a file that you may read',
    ]);
  });

  it('names a file of messages whose name is no language', () => {
    copy.write('messages/english.yaml', copy.read('messages/en.yaml'));
    copy.write('messages/xq.yaml', copy.read('messages/en.yaml'));
    const message = 'the name of this file is no language: name it by its language, such as en.yaml or pt-BR.yaml';
    expect(faultsOf(copy.folder).map((fault) => [relative(copy.folder, fault.file), fault.message])).toEqual([
      ['messages/english.yaml', message],
      ['messages/xq.yaml', message],
    ]);
  });

  it('names an empty and a missing subfolder', () => {
    rmSync(join(copy.folder, 'measures'), { recursive: true });
    mkdirSync(join(copy.folder, 'measures'));
    rmSync(join(copy.folder, 'messages'), { recursive: true });
    const messages = faultsOf(copy.folder).map((fault) => `${relative(copy.folder, fault.file)} ${fault.message}`);
    expect(messages).toContain('measures is empty: add at least one .yaml file');
    expect(messages).toContain('messages is missing: add the folder with at least one .yaml file');
  });

  it('gives all faults of all files at once, by file and line', () => {
    replace('clinic.yaml', 'America/New_York', 'Mars/Base');
    replace('clinic.yaml', 'auditRetentionYears: 6', 'auditRetentionYears: 5');
    replace('programme.yaml', '- id: m3', '- id: m2');
    replace('messages/en.yaml', 'Details: {portalUrl}', 'Details: {link}');
    rmSync(join(copy.folder, 'rules.yaml'));
    const faults = faultsOf(copy.folder);
    expect(faults.map(({ file }) => relative(copy.folder, file))).toEqual([
      'clinic.yaml',
      'clinic.yaml',
      'messages/en.yaml',
      'messages/en.yaml',
      'programme.yaml',
      'rules.yaml',
    ]);
    expect(faults[0]?.line).toBeLessThan(faults[1]?.line ?? 0);
  });

  it('does not take a faulty measure for a missing one', () => {
    replace('measures/isi.yaml', 'direction: higher-is-worse', 'direction: worse');
    replace('programme.yaml', '- id: m3', '- id: m2');
    expect(found().map(([file]) => file)).toEqual(['measures/isi.yaml', 'programme.yaml']);
  });
});

it('a fault is one line that an editor can follow', () => {
  const fault = { file: 'clinic/clinic.yaml', line: 7, column: 1, message: 'name: is missing: add it' };
  expect(formatFault(fault)).toBe('clinic/clinic.yaml:7: name: is missing: add it');
});
