import * as z from 'zod';

const name = z.string().min(1);
const arn = z.string().startsWith('arn:', 'give the full ARN of the key, not an alias or id');

const tables = { CARE_TABLE: name, AUDIT_TABLE: name, CARE_KEY_ARN: arn, AUDIT_KEY_ARN: arn };

/** Makes the pseudonyms of the vendor's ids. */
const identity = { IDENTITY_KEY_ARN: arn };

/** Where messages to the staff and the operators go. */
const staffMail = {
  OPERATIONS_TOPIC_ARN: arn,
  /** What the ARN of every person's topic begins with. */
  STAFF_TOPIC_PREFIX: arn,
};

/** Where clinic.json lies; CLINIC_FILE absent: beside the handler. */
const clinicFile = { CLINIC_FILE: name.optional(), LAMBDA_TASK_ROOT: name.optional() };

/** What the event intake is told by its deployment. */
export const intakeEnvironment = z.object({ ...tables, ...identity, ...clinicFile, ...staffMail });

/** What the nightly scan is told by its deployment: the same tables and keys, and no pseudonyms. */
export const scanEnvironment = z.object({ ...tables, ...clinicFile });

/** What the watchdog is told by its deployment. */
export const watchdogEnvironment = z.object({ CARE_TABLE: name, OPERATIONS_TOPIC_ARN: arn, ...clinicFile });

/** What the reconciliation of states with records is told by its deployment. */
export const reconcileEnvironment = watchdogEnvironment.extend({ AUDIT_TABLE: name });

/** What the sweep of alerts is told by its deployment: the tables, nothing of the vendor's ids, and where its messages go. */
export const alertEnvironment = scanEnvironment.extend({
  ...staffMail,
  /** Where an e-mail leads: the care team's page, without a slash at its end. */
  PAGE_URL: name,
});

/** What the round of reminders is told by its deployment: the tables, nothing of the vendor's ids, and where patients' topics are. */
export const reminderEnvironment = scanEnvironment.extend({
  /** What the ARN of every patient's topic begins with. */
  PATIENT_TOPIC_PREFIX: arn,
  /** Encrypts those topics. */
  PATIENT_TOPIC_KEY_ARN: arn,
});

/** What the steps of an alert's workflow are told by their deployment. */
export const alertWorkflowEnvironment = alertEnvironment.extend({ ALERT_MACHINE_ARN: arn });

/** What starts and wakes the workflows of alerts is told by its deployment: it reads no patient and writes nothing. */
export const alertDriverEnvironment = z.object({
  CARE_TABLE: name,
  CARE_KEY_ARN: arn,
  AUDIT_KEY_ARN: arn,
  ALERT_MACHINE_ARN: arn,
});

/** Which sign-in the care team uses. */
const signIn = { SIGN_IN_ISSUER: name, SIGN_IN_CLIENT_ID: name };

/** What the check of sign-ins is told by its deployment; SIGN_IN_AUDIENCE absent: the sign-in is Cognito. */
export const authorizerEnvironment = scanEnvironment.extend({
  ...signIn,
  SIGN_IN_AUDIENCE: name.optional(),
  SIGN_IN_STAFF_CLAIM: name,
  SIGN_IN_ROLES_CLAIM: name,
});

/** What the function behind the care team's page is told by its deployment. */
export const alertApiEnvironment = scanEnvironment.extend({ ...signIn, SIGN_IN_SCOPE: name });

/** What the function that serves the care team's page is told by its deployment. PAGE_FOLDER absent: page/ beside the handler. */
export const consoleEnvironment = z.object({
  /** What the page may call beside its own address: the origins of the sign-in, with blanks between them. */
  SIGN_IN_ORIGINS: name,
  PAGE_FOLDER: name.optional(),
  LAMBDA_TASK_ROOT: name.optional(),
});

/** What the sealer is told by its deployment. */
export const sealEnvironment = z.object({
  CARE_TABLE: name,
  LOG_BUCKET: name,
  STAGING_BUCKET: name,
  SIGNING_KEY_ARN: arn,
  /** The name under which the log is signed, such as "example.org/tandem/production". */
  LOG_ORIGIN: name,
  /** When the log begins: an instant. */
  LOG_SINCE: name,
  ...clinicFile,
});

/** What an export of the audit finds out about a deployment. */
export const exportEnvironment = z.object({
  ...tables,
  ...identity,
  LOG_BUCKET: name,
  STAGING_BUCKET: name,
  SIGNING_KEY_ARN: arn,
});

/** What the canary is told by its deployment. */
export const canaryEnvironment = z.object({ CARE_TABLE: name, BUS_NAME: name });

/** What the vendor's door is told by its deployment. */
export const vendorDoorEnvironment = z.object({ BUS_NAME: name, ...clinicFile });

/** What the command line finds out about a deployment. */
export const operatorEnvironment = z.object({ ...tables, ...identity, BUS_NAME: name });

/** @throws Error naming every variable that is missing or wrong, without its value. */
export function readEnvironment<T extends z.ZodObject>(
  schema: T,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<T> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`environment variables are missing or wrong: ${faults.join('; ')}`);
}
