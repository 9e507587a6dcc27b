import * as z from 'zod';
import { accessReviewRulesSchema } from './access-review-rules.ts';
import type { EscalationPlan } from './escalation-plan.ts';
import { isTimeZone } from './instant.ts';
import type { Measure } from './measure.ts';
import type { Messages } from './message-template.ts';
import { remindersSchema } from './reminder-cadence.ts';
import { riskRulesSchema } from './risk-rules.ts';
import { safetyRulesSchema } from './safety.ts';
import { sendingSchema } from './sending.ts';
import { signInSchema } from './sign-in.ts';

/** The shape of a name that events and configuration refer to, as in the event's own schema. */
const nameSchema = (what: string) =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, `a ${what} is 1 to 64 letters, digits, ".", "_" or "-"`);

const emailSchema = z.email('write an e-mail address such as it@example.org').max(254);

const oneLine = (characters: number) =>
  z
    .string()
    .regex(/^\S(.*\S)?$/, 'write one line of text')
    .max(characters, `write at most ${characters} characters`);

/** An address that can carry nothing about a person: no query, no fragment, no name and password. */
function isPlainHttpsAddress(text: string): boolean {
  return /^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~/-]*)?$/.test(text) && URL.canParse(text);
}

/** The only numbers of days for which CloudWatch Logs keeps a log (API reference, PutRetentionPolicy). */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const tableName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{3,255}$/, 'write the name of a table, as npx tandem restore printed it');

/** clinic.yaml: who the clinic is and how its stack is deployed. */
export const settingsSchema = z.strictObject({
  name: oneLine(100).describe("the clinic's name"),
  timeZone: z
    .string()
    .refine(isTimeZone, 'name an IANA time zone by area and city, such as America/New_York')
    .describe("the clinic's IANA time zone, such as America/New_York"),
  language: z.string().describe('the language of messages where a patient has chosen none, such as en'),
  portalUrl: z
    .string()
    .refine(isPlainHttpsAddress, 'write an https address without "?" or "#", such as https://portal.example.org')
    .describe('the https address at which patients and therapists sign in'),
  addresses: z
    .strictObject({
      operations: emailSchema.describe('the e-mail address that gets the alarms'),
      complianceOfficer: emailSchema.describe('the e-mail address of the compliance officer'),
      supervisor: nameSchema('supervisor').describe('the staff id of whoever gets alerts that have no therapist'),
    })
    .describe('who in the clinic is told what'),
  auditRetentionYears: z
    .int('write a whole number of years, 6 or more')
    .min(6, 'write 6 or more: 45 CFR 164.316(b)(2)(i) asks for six years')
    .max(100, 'write at most 100')
    .default(6)
    .describe('how many years audit records are kept'),
  accessReview: accessReviewRulesSchema.prefault({}).describe('what the regular review of who used what points at'),
  automaticLogoffMinutes: z
    .int('write a whole number of minutes')
    .min(1, 'write 1 or more')
    .max(60, 'write at most 60: a computer left alone shows a patient’s record')
    .default(15)
    .describe('after how many minutes without a key or a click the care team’s page forgets who signed in'),
  signIn: signInSchema.optional().describe('the clinic’s own sign-in; without it Tandem brings one'),
  crisisLine: z
    .strictObject({ text: oneLine(80).describe('what a patient in crisis reads, such as: call or text 988') })
    .describe('where a patient in crisis finds help at once'),
  sending: sendingSchema.prefault({}).describe('how reminders leave the account'),
  deployment: z
    .strictObject({
      stage: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,19}$/, 'write 1 to 20 of a-z, 0-9 and "-", a letter first, such as production')
        .describe('the name of this deployment, such as production'),
      region: z
        .string()
        .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'write an AWS region such as us-east-1')
        .describe('the AWS region, such as us-east-1'),
      account: z
        .string('write the 12 digits in quotes, such as "012345678901"')
        .regex(/^\d{12}$/, 'write the 12 digits in quotes, such as "012345678901"')
        .optional()
        .describe('the AWS account, 12 digits in quotes'),
      eventSource: z
        .string()
        .max(100, 'write at most 100 characters')
        .regex(/^(?!aws\.)[A-Za-z0-9][A-Za-z0-9._-]*$/, 'write a source such as tandem.programme; "aws." is reserved')
        .default('tandem.programme')
        .describe('the source that the programme writes on its events'),
      logRetentionDays: z
        .literal(logRetentionDays, `write one of ${logRetentionDays.join(', ')}`)
        .default(365)
        .describe('how many days logs are kept'),
      tracing: z
        .boolean('write true or false')
        .default(false)
        .describe('whether AWS X-Ray follows each call from function to function'),
      nightlyScanAt: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "write a time of the clinic's day such as 02:00")
        .default('02:00')
        .describe("when the nightly scan starts, in the clinic's time zone"),
      morningListAt: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "write a time of the clinic's day such as 07:30")
        .default('07:30')
        .describe("when the staff get their list by e-mail, in the clinic's time zone"),
      backup: z
        .strictObject({
          at: z
            .string()
            .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "write a time of the clinic's day such as 04:30")
            .default('04:30')
            .describe("when the tables are backed up, in the clinic's time zone"),
          keepDays: z
            .int('write a whole number of days, 35 or more')
            .min(35, 'write 35 or more: a shorter time than the tables themselves can be brought back is no backup')
            .max(3650, 'write at most 3650, ten years')
            .default(35)
            .describe('how many days a backup is kept'),
          lock: z
            .literal(['compliance', 'governance'], 'write compliance or governance')
            .default('compliance')
            .describe('whether the lock of the vault can be lifted'),
        })
        .prefault({})
        .describe('copies of the tables that outlive them'),
      tables: z
        .strictObject({
          care: tableName.optional().describe('the name of a restored care table'),
          careStream: z
            .string()
            .startsWith('arn:', 'write the ARN of the stream, as npx tandem restore printed it')
            .optional()
            .describe('the ARN of its stream'),
          audit: tableName.optional().describe('the name of a restored audit table'),
        })
        .refine(({ care, careStream }) => (care === undefined) === (careStream === undefined), {
          error: 'write both care and careStream, as npx tandem restore printed them, or neither',
        })
        .optional()
        .describe("tables that were restored and take the place of the deployment's own"),
    })
    .describe('how the stack is deployed'),
});
export type Settings = z.output<typeof settingsSchema>;

/** Days are counted from the enrolment: day 0 is the local date of the enrolment itself. */
const daySchema = z.int().min(0, 'write 0 or more').max(3650, 'write at most 3650, ten years');

/** programme.yaml: the modules in order, their pace, and when which measure is due. */
export const programmeSchema = z.strictObject({
  id: nameSchema('programme').describe('the id that PatientEnrolled events name, such as depression'),
  paceDays: z
    .int()
    .min(1, 'write 1 or more')
    .max(365, 'write at most 365')
    .describe('how many days a patient has for one module'),
  modules: z
    .array(
      z.strictObject({
        id: nameSchema('module').describe('the id that module events name, such as m1'),
        title: oneLine(100).describe('what therapists call the module'),
        dueDay: daySchema.optional().describe('the day by which it is completed'),
      }),
    )
    .min(1, 'list at least one module')
    .describe('the modules, in the order in which a patient works through them'),
  measures: z
    .array(
      z.strictObject({
        measure: nameSchema('measure').describe('the id of a file in measures/, such as phq-9'),
        dueDays: z
          .array(daySchema)
          .min(1, 'list at least one day')
          .describe('the days on which it is due, such as [0, 28]'),
        module: nameSchema('module').optional().describe('the module that hands it out'),
      }),
    )
    .describe('which questionnaire is due when'),
  reminders: remindersSchema.optional().describe('what patients are reminded of; without it nothing is sent'),
});
/** programme.yaml as written. */
export type ProgrammeFile = z.output<typeof programmeSchema>;

/** The programme as decisions use it: every module has its due day. */
export interface Programme extends Omit<ProgrammeFile, 'modules'> {
  readonly modules: readonly {
    readonly id: string;
    readonly title: string;
    /** Days after the enrolment by which it should be completed; rises from module to module. */
    readonly dueDay: number;
  }[];
}

/** rules.yaml: what counts as a risk. */
export const rulesSchema = z.strictObject({
  safety: safetyRulesSchema.describe('when an answer about self-harm calls for a person'),
  risk: riskRulesSchema.optional().describe('the scorecards of the nightly scan; without them nothing is scored'),
});
export type Rules = z.output<typeof rulesSchema>;

/** A clinic's whole configuration after `tandem check`, as a deployment carries it. */
export interface Clinic {
  readonly settings: Settings;
  readonly programme: Programme;
  /** Ascending by id. */
  readonly measures: readonly Measure[];
  readonly rules: Rules;
  /** Who is asked about an alert, and for how long an answer is waited for. It has a hash of its own. */
  readonly escalation: EscalationPlan;
  /** By language: the names of the files in messages/. */
  readonly messages: { readonly [language: string]: Messages };
  /**
   * "sha256:…" of all that a decision can depend on: the clinic's time zone, programme, measures and rules, and the fold's
   * version. Every decision carries it; a patient's state folded under another hash is folded again.
   */
  readonly hash: string;
}
