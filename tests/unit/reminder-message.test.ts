import { describe, expect, it } from 'vitest';
import { type Messages, reminderTopics } from '../../functions/domain/message-template.ts';
import { remindedOf } from '../../functions/domain/reminder.ts';
import { carriesCrisisLine, reminderMessage } from '../../functions/domain/reminder-message.ts';
import { decideReminder, nextReminder } from '../../functions/domain/reminder-plan.ts';
import { exampleClinic } from '../example-clinic.ts';
import { clinicWith, patientAfter, rule } from '../reminder-patients.ts';
import { type Brief, enrolledAt, onDay } from '../risk-patients.ts';

const safetyItem = (day: number, answer: number): Brief => [
  day,
  'QuestionnaireSubmitted',
  { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, answer] },
];

describe('the crisis line', () => {
  it.each<[string, Brief[], boolean]>([
    ['nothing answered', [], false],
    ['no such thought', [safetyItem(0, 0)], false],
    ['the lowest tier', [safetyItem(0, 1)], true],
    ['an answer that has fallen to nothing', [safetyItem(0, 3), safetyItem(1, 0)], false],
    ['an answer that has risen', [safetyItem(0, 0), safetyItem(1, 1)], true],
  ])('follows a reminder to a patient in a tier: %s', (_, briefs, expected) => {
    expect(carriesCrisisLine(patientAfter(briefs), exampleClinic)).toBe(expected);
  });

  it('follows it as long as a safety alert is open, whatever was answered since', () => {
    const { state } = patientAfter([safetyItem(0, 3), safetyItem(1, 0)]);
    expect(carriesCrisisLine({ state, alerts: [{ cause: 'safety' }] }, exampleClinic)).toBe(true);
    expect(carriesCrisisLine({ state, alerts: [{ cause: 'dropout' }] }, exampleClinic)).toBe(false);
  });

  it('stands in the plan and is looked at again at the send', () => {
    const clinic = clinicWith({ kinds: [rule('welcome')] });
    const planned = nextReminder(patientAfter([safetyItem(0, 2)]), clinic, enrolledAt);
    expect(planned).toMatchObject({ outcome: 'send', crisisLine: true });
    const { state } = patientAfter();
    for (const [alerts, crisisLine] of [
      [[], false],
      [[{ cause: 'safety' as const }], true],
    ] as const)
      expect(decideReminder(remindedOf(state, alerts, []), planned?.key ?? '', clinic, onDay(0.25))).toEqual({
        outcome: 'send',
        channel: 'sms',
        crisisLine,
      });
  });
});

describe('the text of a reminder', () => {
  const english = exampleClinic.messages['en'] as Messages;
  const spanish = {
    ...english,
    reminder: { ...english.reminder, texts: { ...english.reminder.texts, welcome: 'Hola: {portalUrl}' } },
  };
  const clinic = { settings: exampleClinic.settings, messages: { en: english, es: spanish } };
  const textFor = (language: string | null) => reminderMessage('welcome', false, language, clinic).text;

  it("is in the patient's language, else that of another region, else the clinic's", () => {
    expect(['es', 'es-MX', 'fr', 'constructor', null].map((language) => textFor(language).slice(0, 4))).toEqual([
      'Hola',
      'Hola',
      'Welc',
      'Welc',
      'Welc',
    ]);
  });

  it.each(reminderTopics)('E14: of %s holds no address but the portal’s: no link in it opts anybody out', (topic) => {
    const { subject, text } = reminderMessage(topic, true, null, exampleClinic);
    expect(`${subject} ${text}`.match(/https?:\/\/[^\s]+/g)).toEqual([exampleClinic.settings.portalUrl]);
  });

  it('is refused where even that has no file, rather than sent empty', () => {
    expect(() => reminderMessage('welcome', false, 'fr', { ...clinic, messages: {} })).toThrow('has no file');
  });

  it('holds the address, and the crisis line where it is called for', () => {
    expect(reminderMessage('inactivity', true, 'en', clinic)).toEqual({
      subject: 'A message for you',
      text: 'It has been a while. You are welcome back at any time: https://portal.example.org If you need help right now: call or text 988.',
    });
  });
});
