import * as z from 'zod';

const name = z.string().min(1);
const arn = z.string().startsWith('arn:', 'give the full ARN of the key, not an alias or id');

const tables = { CARE_TABLE: name, AUDIT_TABLE: name, CARE_KEY_ARN: arn, AUDIT_KEY_ARN: arn, IDENTITY_KEY_ARN: arn };

/** Where clinic.json lies; CLINIC_FILE absent: beside the handler. */
const clinicFile = { CLINIC_FILE: name.optional(), LAMBDA_TASK_ROOT: name.optional() };

/** What the event intake is told by its deployment. */
export const intakeEnvironment = z.object({ ...tables, ...clinicFile });

/** What the nightly scan is told by its deployment: the same tables and keys, and no pseudonyms. */
export const scanEnvironment = intakeEnvironment.omit({ IDENTITY_KEY_ARN: true });

/** What the watchdog is told by its deployment. */
export const watchdogEnvironment = z.object({ CARE_TABLE: name, OPERATIONS_TOPIC_ARN: arn, ...clinicFile });

/** What the sweep of alerts is told by its deployment: the tables, nothing of the vendor's ids, and where its messages go. */
export const alertEnvironment = scanEnvironment.extend({
  OPERATIONS_TOPIC_ARN: arn,
  /** What the ARN of every person's topic begins with. */
  STAFF_TOPIC_PREFIX: arn,
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
  LOG_BUCKET: name,
  STAGING_BUCKET: name,
  SIGNING_KEY_ARN: arn,
});

/** What the canary is told by its deployment. */
export const canaryEnvironment = z.object({ CARE_TABLE: name, BUS_NAME: name });

/** What the command line finds out about a deployment. */
export const operatorEnvironment = z.object({ ...tables, BUS_NAME: name });

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
