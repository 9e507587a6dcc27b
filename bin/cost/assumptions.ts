/** One knob of the model: a number, and where it comes from. */
export interface Assumption {
  readonly what: string;
  readonly value: number;
  readonly from: string;
}

const simulated = 'simulated cohort of 200, 8 weeks, seed 1';
const guess = 'a guess';

const list = {
  events: { what: 'Events of an active patient in a week', value: 4.4, from: `${simulated}: 35 in 8 weeks` },
  due: {
    what: 'Share of the active patients due in a night',
    value: 0.63,
    from: `${simulated}: an event makes its patient due, and a bucket's limit does`,
  },
  active: { what: 'Share of all known patients who are active', value: 0.25, from: guess },
  reminders: { what: 'Reminders of an active patient in a week', value: 2, from: guess },
  sms: { what: 'Share of the reminders that go by SMS', value: 0.5, from: guess },
  alerts: { what: 'Alerts of an active patient in a week', value: 0.15, from: guess },
  messagesOfAlert: { what: 'E-mails of an alert', value: 2, from: guess },
  transitionsOfAlert: {
    what: 'State transitions of an alert',
    value: 12,
    from: 'therapist-alert.asl.json, answered in hours',
  },
  therapistPatients: { what: 'Patients of a therapist', value: 40, from: guess },
  requestsOfTherapist: { what: 'Requests of a therapist to the web page in a day', value: 60, from: guess },
  writesOfReview: {
    what: 'Write units of a review',
    value: 28,
    from: 'state 7 KB, audit record 2, four items of 1; twice in a transaction; the due index 2',
  },
  writesOfEvent: {
    what: 'Write units of an event',
    value: 28,
    from: 'state 7 KB, audit record 2, event, marker and two more items of 1; twice; the due index 2',
  },
  writesOfReminder: {
    what: 'Write units of a reminder',
    value: 56,
    from: 'its claim and its outcome, each as an event',
  },
  writesOfAlert: { what: 'Write units of an alert', value: 120, from: 'opened, told, answered, resolved' },
  readsOfLoad: { what: 'Read units of loading a patient', value: 3, from: 'state 7 KB, keys' },
  keyUsesOfLoad: {
    what: 'KMS requests of loading a patient',
    value: 1,
    from: 'their data key; none while it is still known',
  },
  keyUsesOfEvent: { what: 'KMS requests of an event beside', value: 2, from: 'own ids of patient and event' },
  millisecondsOfDecision: {
    what: 'Milliseconds of a function for a decision alone',
    value: 60,
    from: 'load, decide, commit; a guess until it has run on AWS',
  },
  reviewsASecond: {
    what: 'Reviews a second of one function',
    value: 100,
    from: 'ten at once; a guess until it has run on AWS',
  },
  gigabytes: { what: 'GB of a function', value: 1, from: 'lib/nightly-scan.ts, lib/event-intake.ts' },
  kilobytesOfDecision: { what: 'KB kept of a decision', value: 3, from: 'audit record, event or assessment' },
  kilobytesLogged: { what: 'KB logged of a decision', value: 1, from: guess },
  monthsKept: {
    what: 'Months of decisions kept',
    value: 12,
    from: 'at the end of the first year; an audit is kept for six',
  },
  backups: {
    what: 'Backups kept at once, each of everything',
    value: 35,
    from: 'deployment.backup.keepDays of clinic.yaml, one a night; AWS Backup copies a table whole each time (confirm)',
  },
  keys: {
    what: 'KMS keys',
    value: 7,
    from: 'lib/keys.ts; in its second and third year each of the five that turn costs one more (confirm)',
  },
  alarms: { what: 'Alarms', value: 61, from: 'every one of docs/operations.md' },
  dashboards: { what: 'Dashboards', value: 1, from: 'lib/dashboard.ts' },
  metrics: { what: 'Custom metrics', value: 41, from: 'functions/**: one for each name' },
  routeMetrics: {
    what: 'Metrics of single routes of the API',
    value: 84,
    from: '14 routes with 6 each (lib/http-api.ts, detailed metrics)',
  },
  routeHours: {
    what: 'Share of the hours in which a route is used',
    value: 0.1,
    from: 'a guess; CloudWatch asks for a metric by the hours in which it gets anything',
  },
  canariesADay: { what: 'Canaries in a day', value: 24, from: 'every hour' },
  secondsOfCanary: {
    what: 'Seconds that a canary waits for its event',
    value: 4,
    from: 'a guess; with a quarter of a GB (lib/canary.ts)',
  },
  machineClients: { what: 'Cognito clients of machines', value: 1, from: 'lib/vendor-client.ts: the programme' },
  tokensADay: { what: 'Tokens of the programme in a day', value: 24, from: 'each is good for an hour' },
  shards: { what: 'Shards of an index', value: 16, from: 'functions/adapters/shard.ts' },
  roundsADay: { what: 'Rounds of reminders in a day', value: 96, from: 'every 15 minutes' },
  sealsADay: { what: 'Seals in a day', value: 288, from: 'every 5 minutes, empty periods too' },
  sweepsADay: { what: 'Sweeps over the alerts in a day', value: 312, from: 'every 5 minutes, and hourly' },
  putsOfSeal: { what: 'Objects written by a seal', value: 4, from: 'checkpoint and tiles of the log' },
  pollsOfQueue: { what: 'Empty reads of a queue in a month', value: 650_000, from: 'five pollers, 20 s each' },
  patientsOfChild: { what: 'Patients of a child of a distributed map', value: 100, from: guess },
  transitionsOfChild: { what: 'State transitions of such a child', value: 3, from: 'start, look, done (confirm)' },
  daysOfMonth: { what: 'Days of a month', value: 30.4, from: '365 / 12' },
  databaseGigabytes: { what: 'GB of the always-on database and disk', value: 30, from: 'the smallest sensible' },
} satisfies Record<string, Assumption>;

export type Knob = keyof typeof list;
export const assumptions: Readonly<Record<Knob, Assumption>> = list;
export type Knobs = Readonly<Record<Knob, number>>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- built from every assumption, which Object.fromEntries cannot say
export const knobs = Object.fromEntries(
  Object.entries(list).map(([name, { value }]) => [name, value]),
) as unknown as Knobs;
