import type { Knobs } from './assumptions.ts';
import { type PriceName, prices } from './prices.ts';

/** How much of what is used: in the unit of its price. */
export type Usage = { readonly [price in PriceName]?: number };

export function dollarsOf(usage: Usage): number {
  return entriesOf(usage).reduce((sum, [name, amount]) => sum + amount * prices[name].dollars, 0);
}

/** One after the other, the amounts added up. */
export function together(...usages: readonly Usage[]): Usage {
  const sum: { [price in PriceName]?: number } = {};
  for (const usage of usages) for (const [name, amount] of entriesOf(usage)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}

export function times(factor: number, usage: Usage): Usage {
  return Object.fromEntries(entriesOf(usage).map(([name, amount]) => [name, factor * amount]));
}

function entriesOf(usage: Usage): [PriceName, number][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a usage has no other names
  return Object.entries(usage) as [PriceName, number][];
}

/** Ways to scan a night. */
export const scans = {
  'review index, inline map over shards (as built)': reviewIndex,
  'review index, distributed map': distributedMap,
  'full scan, writing only what is due': fullRead,
  'full scan, everyone accounted for': fullScan,
} as const;

/** Patients due in a night, of so many known. */
export function dueOf(known: number, { active, due }: Knobs): number {
  return known * active * due;
}

function reviewIndex(known: number, knobs: Knobs): Usage {
  const due = dueOf(known, knobs);
  return together(reviews(due, knobs), listOfDue(due), inlineMap(due, knobs));
}

/** A child for every batch of patients: a state machine, a function and its start for each. */
function distributedMap(known: number, knobs: Knobs): Usage {
  const due = dueOf(known, knobs);
  const children = Math.ceil(due / knobs.patientsOfChild);
  return together(reviews(due, knobs), listOfDue(due), {
    transition: 6 + children * knobs.transitionsOfChild,
    invocation: children,
    // The list of patients goes through a bucket.
    objectPut: 2,
  });
}

/** Without an index: everyone is loaded and decided on, and whoever would have been due is committed. */
function fullRead(known: number, knobs: Knobs): Usage {
  const due = dueOf(known, knobs);
  const others = times(known - due, together(loading(knobs), { gigabyteSecond: secondsOfReview(knobs) }));
  return together(reviews(due, knobs), others, inlineMap(known, knobs));
}

function fullScan(known: number, knobs: Knobs): Usage {
  return together(reviews(known, knobs), inlineMap(known, knobs));
}

function reviews(count: number, knobs: Knobs): Usage {
  return times(
    count,
    together(loading(knobs), { write: knobs.writesOfReview, gigabyteSecond: secondsOfReview(knobs) }),
  );
}

function loading({ readsOfLoad, keyUsesOfLoad }: Knobs): Usage {
  return { read: readsOfLoad, keyUse: keyUsesOfLoad };
}

function secondsOfReview({ gigabytes, reviewsASecond }: Knobs): number {
  return gigabytes / reviewsASecond;
}

/** Keys and a time, about a hundred bytes each, read as they come. */
function listOfDue(due: number): Usage {
  return { read: Math.ceil((due * 100) / 4096) / 2 };
}

/** A function looks at a shard for four and a half minutes, then goes on where it was. */
function inlineMap(count: number, { shards, reviewsASecond }: Knobs): Usage {
  const steps = shards * Math.max(1, Math.ceil(count / shards / (270 * reviewsASecond)));
  return { transition: 6 + 2 * steps + shards, invocation: steps + 2 };
}

/** What a month costs, by service, for so many active patients. */
export function monthByService(patients: number, knobs: Knobs): ReadonlyMap<string, Usage> {
  const { daysOfMonth } = knobs;
  const weekly = (patients * daysOfMonth) / 7;
  const events = weekly * knobs.events;
  const reviewed = patients * knobs.due * daysOfMonth;
  const reminders = weekly * knobs.reminders;
  const alerts = weekly * knobs.alerts;
  const decisions = events + reviewed + 2 * reminders + 4 * alerts;
  const rounds = knobs.roundsADay * daysOfMonth;
  const seals = knobs.sealsADay * daysOfMonth;
  const sweeps = knobs.sweepsADay * daysOfMonth;
  const canaries = knobs.canariesADay * daysOfMonth;
  const night = inlineMap(patients * knobs.due, knobs);
  const therapists = Math.ceil(patients / knobs.therapistPatients);
  const requests = therapists * knobs.requestsOfTherapist * daysOfMonth;
  const gigabytes = (decisions * knobs.kilobytesOfDecision * knobs.monthsKept) / 1e6;
  const functionSeconds =
    (decisions * knobs.millisecondsOfDecision) / 1000 + 0.2 * (rounds * knobs.shards + seals + sweeps) + 0.1 * requests;
  const canarySeconds = canaries * knobs.secondsOfCanary;
  return new Map<string, Usage>([
    [
      'DynamoDB',
      {
        write:
          events * knobs.writesOfEvent +
          reviewed * knobs.writesOfReview +
          reminders * knobs.writesOfReminder +
          alerts * knobs.writesOfAlert +
          seals * 4,
        read: decisions * knobs.readsOfLoad + rounds * knobs.shards + 20 * (seals + sweeps) + requests * 10,
        tableStorage: gigabytes,
        pointInTime: gigabytes,
      },
    ],
    ['AWS Backup', { backup: gigabytes * knobs.backups }],
    [
      'Lambda',
      {
        invocation:
          events / 5 +
          rounds * knobs.shards +
          seals +
          sweeps +
          2 * canaries +
          2 * requests +
          (night.invocation ?? 0) * daysOfMonth,
        gigabyteSecond: functionSeconds * knobs.gigabytes + canarySeconds / 4,
      },
    ],
    [
      'Step Functions',
      {
        transition:
          rounds * (5 + 3 * knobs.shards) +
          2 * seals +
          alerts * knobs.transitionsOfAlert +
          (night.transition ?? 0) * daysOfMonth,
      },
    ],
    [
      'KMS',
      {
        key: knobs.keys,
        keyUse: decisions * knobs.keyUsesOfLoad + events * knobs.keyUsesOfEvent + requests,
        signature: seals,
      },
    ],
    ['EventBridge', { busEvent: events + canaries, schedule: rounds + seals + sweeps + canaries + 6 * daysOfMonth }],
    ['SQS', { queueRequest: knobs.pollsOfQueue + 3 * (events + canaries) }],
    ['SNS, e-mail', { email: alerts * knobs.messagesOfAlert + reminders * (1 - knobs.sms) }],
    ['SMS', { sms: reminders * knobs.sms }],
    ['API Gateway', { apiRequest: requests }],
    ['Cognito', { user: therapists, appClient: knobs.machineClients, machineToken: knobs.tokensADay * daysOfMonth }],
    [
      'CloudWatch',
      {
        alarm: knobs.alarms,
        dashboard: knobs.dashboards,
        metric: knobs.metrics + knobs.routeMetrics * knobs.routeHours,
        logGigabyte: (decisions * knobs.kilobytesLogged) / 1e6 + 0.5,
      },
    ],
    ['S3', { objectPut: seals * knobs.putsOfSeal }],
  ]);
}

/**
 * The smallest always-on kind that keeps such data as it must be kept: one small server behind a load balancer, and a database in
 * two zones with its own copies. Who writes, patches and watches it is not counted.
 */
export function alwaysOn({ daysOfMonth, databaseGigabytes }: Knobs): ReadonlyMap<string, Usage> {
  const hours = 24 * daysOfMonth;
  return new Map<string, Usage>([
    ['EC2, its disk and addresses', { server: hours, disk: databaseGigabytes, address: 2 * hours }],
    ['Load balancer', { loadBalancer: hours }],
    ['RDS in two zones', { database: hours, databaseDisk: 2 * databaseGigabytes }],
    ['KMS, logs and ten alarms', { key: 2, alarm: 10, logGigabyte: 1 }],
  ]);
}
