import { days } from '../../domain/instant.ts';
import type { MorningList, NightLine, NightResult, NightRun } from '../../domain/night.ts';
import type { NightAccounts, Nights } from '../../ports/nights.ts';
import { closingRecord, openingRecord, setAsideRecord } from '../night-audit.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import type { CareTable } from './care-table.ts';
import { expiry, fromTexts, type Item, map, number, text, texts } from './stored-item.ts';
import { type SystemChainSettings, systemChain } from './system-chain.ts';
import type { CareNote } from './transaction.ts';

/** Days that a night's account is looked back at. The audit keeps what it says for years. */
const daysKept = 400;
/** Nights to look back for the last finished one: a longer gap means that everyone is looked at. */
const nightsToLookBack = 14;

const account = (night: string) => `night#${night}`;

/** What the night's account says of one patient, as an item of the transaction that decided it. */
export function nightLineNote({ night, patient, outcome, changed, therapist, alerts }: NightLine): CareNote {
  return {
    pk: account(night),
    sk: `line#${patient}`,
    isNew: true,
    attributes: {
      outcome: { S: outcome },
      changed: { BOOL: changed },
      alerts: fromTexts(alerts),
      ...(therapist !== null && { therapist: { S: therapist } }),
      ...expiryOf(night),
    },
  };
}

/** Reading the accounts, which takes no keys. */
export function dynamoNightAccounts(care: Pick<CareTable, 'item' | 'itemsUnder'>): NightAccounts {
  return {
    async load(night) {
      const item = await care.item(account(night), 'run');
      return item === undefined ? undefined : toRun(night, item);
    },
    async lines(night) {
      const items = await care.itemsUnder(account(night), 'line#');
      return items.map((item) => toLine(night, item));
    },
  };
}

export function dynamoNights(settings: SystemChainSettings): Nights {
  const { care } = settings;
  const onChain = systemChain(settings);
  const accounts = dynamoNightAccounts(care);

  return {
    ...accounts,
    async open(run) {
      await onChain(systemChainOf(run.night), async () =>
        (await accounts.load(run.night)) !== undefined
          ? null
          : { at: run.startedAt, audit: openingRecord(run), puts: [], notes: [{ ...runNote(run), isNew: true }] },
      );
      return (await accounts.load(run.night)) ?? run;
    },
    async lastFinishedBefore(night) {
      for (let back = 1; back <= nightsToLookBack; back += 1) {
        const run = await accounts.load(daysBefore(night, back));
        if (run !== undefined && run.finished !== null) return run;
      }
      return undefined;
    },
    async setAside(line, reason, at) {
      const key = `line#${line.patient}`;
      await onChain(systemChainOf(line.patient), async () => {
        if ((await care.item(account(line.night), key)) !== undefined) return null;
        const rules = (await accounts.load(line.night))?.rules ?? '';
        return { at, audit: setAsideRecord(line, rules, reason), puts: [], notes: [nightLineNote(line)] };
      });
    },
    async close(run, result, lists) {
      await onChain(systemChainOf(run.night), async () => {
        const stored = await accounts.load(run.night);
        if (stored !== undefined && stored.finished !== null && stored.finished.missed === 0) return null;
        return {
          at: result.at,
          audit: closingRecord(run, result),
          puts: [],
          notes: [runNote({ ...run, finished: result }), ...lists.map(listNote)],
        };
      });
    },
    async morningLists(night) {
      return (await care.itemsUnder(account(night), 'list#')).map((item) => toList(night, item));
    },
  };
}

function runNote({ night, rules, startedAt, until, finished }: NightRun): CareNote {
  return {
    pk: account(night),
    sk: 'run',
    attributes: {
      rules: { S: rules },
      startedAt: { S: startedAt },
      ...(until !== null && { until: { S: until } }),
      ...(finished !== null && { finished: { M: fromResult(finished) } }),
      ...expiryOf(night),
    },
  };
}

function fromResult({ at, ...counts }: NightResult): Item {
  return {
    at: { S: at },
    ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { N: String(count) }])),
  };
}

function toRun(night: string, item: Item): NightRun {
  return {
    night,
    rules: text(item, 'rules'),
    startedAt: text(item, 'startedAt'),
    until: item['until']?.S ?? null,
    finished: item['finished'] === undefined ? null : toResult(map(item, 'finished')),
  };
}

function toResult(item: Item): NightResult {
  return {
    at: text(item, 'at'),
    due: number(item, 'due'),
    assessed: number(item, 'assessed'),
    changed: number(item, 'changed'),
    setAside: number(item, 'setAside'),
    missed: number(item, 'missed'),
    seconds: number(item, 'seconds'),
  };
}

function toLine(night: string, item: Item): NightLine {
  return {
    night,
    patient: text(item, 'sk').slice('line#'.length),
    outcome: text(item, 'outcome') === 'assessed' ? 'assessed' : 'set-aside',
    changed: item['changed']?.BOOL ?? false,
    therapist: item['therapist']?.S ?? null,
    alerts: texts(item, 'alerts'),
  };
}

function listNote({ night, therapist, patients, alerts }: MorningList): CareNote {
  return {
    pk: account(night),
    sk: `list#${therapist ?? ''}`,
    attributes: { patients: { N: String(patients) }, alerts: fromTexts(alerts), ...expiryOf(night) },
  };
}

function toList(night: string, item: Item): MorningList {
  const therapist = text(item, 'sk').slice('list#'.length);
  return {
    night,
    therapist: therapist === '' ? null : therapist,
    patients: number(item, 'patients'),
    alerts: texts(item, 'alerts'),
  };
}

function daysBefore(night: string, count: number): string {
  return new Date(Date.parse(`${night}T00:00:00Z`) - count * 86_400_000).toISOString().slice(0, 10);
}

function expiryOf(night: string): Item {
  return expiry(`${night}T00:00:00.000Z`, daysKept * days);
}
