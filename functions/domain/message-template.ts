import * as z from 'zod';

/** What a template may leave open. Each is safe in a message that anybody may read. */
export interface MessageValues {
  /** The address at which one signs in. */
  readonly portalUrl: string;
  /** The address of the care team's page. */
  readonly pageUrl: string;
  /** The clinic's words for a patient in crisis. */
  readonly crisisLine: string;
  /** Opaque. */
  readonly alertId: string;
  /** Names a message of the bus: opaque. */
  readonly reference: string;
  /** How many alerts wait for an answer. */
  readonly alerts: string;
  /** How many patients those are about. */
  readonly patients: string;
  /** How many alerts somebody else has answered. */
  readonly answered: string;
}
export type Placeholder = keyof MessageValues;

const textSchema = z.string().min(1, 'write the text').max(1000, 'write at most 1000 characters');

/** SNS refuses a subject that is not ASCII, has a line break or 100 characters and more (API reference, Publish). */
const subjectSchema = z
  .string()
  .regex(/^[!-~]([ -~]{0,97}[!-~])?$/, 'write one line of at most 99 letters, digits and signs without accents');

/** What a reminder may be about. */
export const reminderTopics = [
  'welcome',
  'module-due',
  'module-overdue',
  'questionnaire-due',
  'inactivity',
  'live-session',
] as const;
export type ReminderTopic = (typeof reminderTopics)[number];

/** messages/<language>.yaml: every text that leaves the clinic's account. */
export const messagesSchema = z.strictObject({
  therapistAlert: z
    .strictObject({
      subject: subjectSchema.describe('the subject of every alert'),
      body: textSchema.describe('the text of an alert, with {alertId} and {pageUrl}'),
    })
    .describe('the e-mail that tells a therapist of an alert'),
  earlyAlert: z
    .strictObject({
      subject: subjectSchema.describe('the subject of every early alert'),
      body: textSchema.describe('the text of an early alert, with {reference}'),
    })
    .describe('the e-mail about something urgent that cannot be recorded yet'),
  morningList: z
    .strictObject({
      subject: subjectSchema.describe('the subject of every morning list'),
      body: textSchema.describe('the text of a morning list, with {alerts}, {patients}, {answered} and {pageUrl}'),
    })
    .describe('the one e-mail a day about all that is not urgent'),
  reminder: z
    .strictObject({
      subject: subjectSchema.describe('the subject of every reminder by e-mail'),
      crisisLine: textSchema.describe('what follows a reminder to a patient who may be in crisis, with {crisisLine}'),
      texts: z
        .strictObject({
          welcome: textSchema.describe('after the enrolment'),
          'module-due': textSchema.describe('when a module is due'),
          'module-overdue': textSchema.describe('when a module is late'),
          'questionnaire-due': textSchema.describe('when a questionnaire is due'),
          inactivity: textSchema.describe('when a patient has been away'),
          'live-session': textSchema.describe('the day before a talk'),
        } satisfies Record<ReminderTopic, z.ZodType>)
        .describe('the text of each reminder, with {portalUrl}'),
    })
    .describe('what patients get'),
});
export type Messages = z.output<typeof messagesSchema>;

/** One text of a messages file, where it stands, and which placeholders it holds: exactly these, each at least once. */
export interface Template {
  readonly path: readonly string[];
  readonly text: string;
  readonly placeholders: readonly Placeholder[];
}

/** Every template of a messages file. Subjects are constant: SNS does not encrypt them. */
export function templatesOf({ therapistAlert, earlyAlert, morningList, reminder }: Messages): readonly Template[] {
  return [
    { path: ['therapistAlert', 'subject'], text: therapistAlert.subject, placeholders: [] },
    { path: ['therapistAlert', 'body'], text: therapistAlert.body, placeholders: ['alertId', 'pageUrl'] },
    { path: ['earlyAlert', 'subject'], text: earlyAlert.subject, placeholders: [] },
    { path: ['earlyAlert', 'body'], text: earlyAlert.body, placeholders: ['reference'] },
    { path: ['morningList', 'subject'], text: morningList.subject, placeholders: [] },
    {
      path: ['morningList', 'body'],
      text: morningList.body,
      placeholders: ['alerts', 'patients', 'answered', 'pageUrl'],
    },
    { path: ['reminder', 'subject'], text: reminder.subject, placeholders: [] },
    { path: ['reminder', 'crisisLine'], text: reminder.crisisLine, placeholders: ['crisisLine'] },
    ...reminderTopics.map(
      (topic): Template => ({
        path: ['reminder', 'texts', topic],
        text: reminder.texts[topic],
        placeholders: ['portalUrl'],
      }),
    ),
  ];
}

const placeholderPattern = /\{[^{}]*\}/g;

/** The names between braces, in their order, each as often as it stands there. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(placeholderPattern)].map(([braced]) => braced.slice(1, -1));
}

/** Whether a brace stands alone: a placeholder somebody began or ended, and not both. */
export function hasStrayBrace(text: string): boolean {
  return /[{}]/.test(text.replaceAll(placeholderPattern, ''));
}

/** A template with its placeholders filled in; `tandem check` has made sure that it holds no others. */
export function renderMessage(text: string, values: Partial<MessageValues>): string {
  const byName = new Map<string, string>(Object.entries(values));
  return text.replaceAll(placeholderPattern, (braced) => byName.get(braced.slice(1, -1)) ?? braced);
}
