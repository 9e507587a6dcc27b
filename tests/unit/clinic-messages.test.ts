import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  hasStrayBrace,
  type Messages,
  placeholdersIn,
  renderMessage,
  templatesOf,
} from '../../functions/domain/message-template.ts';
import { smsLength } from '../../functions/domain/sms-segments.ts';
import { exampleClinic } from '../example-clinic.ts';

describe('a message template', () => {
  it('is filled in with what it leaves open, literally and everywhere', () => {
    const values = { portalUrl: 'https://a.example/$&', alertId: 'a-1' };
    expect(renderMessage('{alertId} {portalUrl} {alertId}', values)).toBe('a-1 https://a.example/$& a-1');
  });

  it('keeps a placeholder it has no value for, names of built-in properties included', () => {
    expect(renderMessage('{crisisLine} {toString}', {})).toBe('{crisisLine} {toString}');
  });

  it('names its placeholders and its single braces', () => {
    expect(placeholdersIn('{a} {} {b c}')).toEqual(['a', '', 'b c']);
    expect(['{a}', '{a', 'a}', '{{a}}'].map(hasStrayBrace)).toEqual([false, true, true, true]);
  });

  it('has a constant subject: subjects are never encrypted', () => {
    const templates = templatesOf(exampleClinic.messages['en'] as Messages);
    const subjects = templates.filter(({ path }) => path.at(-1) === 'subject');
    expect(subjects.map(({ placeholders }) => placeholders)).toEqual([[], [], [], []]);
    expect(templates).toHaveLength(14);
  });

  it('tells a therapist the opaque alert id and the address, and nothing else that varies', () => {
    const body = exampleClinic.messages['en']?.therapistAlert.body ?? '';
    expect(placeholdersIn(body).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['alertId', 'alertId', 'pageUrl']);
  });
});

it.each(['therapistAlert', 'earlyAlert'] as const)(
  'the page for therapists shows the e-mail %s as it ships',
  (template) => {
    const page = readFileSync(new URL('../../docs/for-therapists.md', import.meta.url), 'utf8');
    const { subject = '', body = '' } = exampleClinic.messages['en']?.[template] ?? {};
    const constant = body
      .trim()
      .split('\n')
      .map((line) => line.replace(/^.*\}|\{.*$/g, ''));
    for (const text of [`Subject: ${subject}`, ...constant]) expect(page).toContain(text);
  },
);

describe('the length of an SMS', () => {
  it.each([
    ['nothing', '', 'GSM-7', 0, 0],
    ['160 letters: one', 'a'.repeat(160), 'GSM-7', 160, 1],
    ['161 letters: two', 'a'.repeat(161), 'GSM-7', 161, 2],
    ['306 letters: two', 'a'.repeat(306), 'GSM-7', 306, 2],
    ['307 letters: three', 'a'.repeat(307), 'GSM-7', 307, 3],
    ['80 euro signs, two septets each: one', '€'.repeat(80), 'GSM-7', 160, 1],
    ['a euro sign never straddles two', `a${'€'.repeat(152)}`, 'GSM-7', 305, 2],
    ['nor does the one that ends the first: three', '€'.repeat(153), 'GSM-7', 306, 3],
    ['é is in the SMS alphabet, á is not', 'é', 'GSM-7', 1, 1],
    ['á puts all of it into UCS-2', `${'a'.repeat(69)}á`, 'UCS-2', 70, 1],
    ['71 units of UCS-2: two', `${'a'.repeat(70)}á`, 'UCS-2', 71, 2],
    ['134 units of UCS-2: two', 'á'.repeat(134), 'UCS-2', 134, 2],
    ['135 units of UCS-2: three', 'á'.repeat(135), 'UCS-2', 135, 3],
    ['a bracket is one unit of UCS-2', `á${'['.repeat(69)}`, 'UCS-2', 70, 1],
    ['a pair of surrogates never straddles two', `${'á'.repeat(66)}${'\u{1F600}'.repeat(34)}`, 'UCS-2', 134, 3],
  ])('%s', (_, text, encoding, units, segments) => {
    expect(smsLength(text)).toEqual({ encoding, units, segments });
  });
});
