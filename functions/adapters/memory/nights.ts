import type { MorningList, NightLine, NightRun } from '../../domain/night.ts';
import type { Nights, ReviewIndex } from '../../ports/nights.ts';
import { closingRecord, openingRecord, setAsideRecord } from '../night-audit.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import type { MemoryAudit } from './audit.ts';
import { type Faults, withFaults } from './faults.ts';
import type { MemoryPatients } from './patients.ts';

/** Everyone in one shard, read off the patients themselves. */
export function memoryReviewIndex(patients: MemoryPatients, faults: Faults, patientsOfPage = 200): ReviewIndex {
  return {
    shards: [0],
    due: (_shard, until, cursor) =>
      withFaults(faults, 'reviewIndex.due', () => {
        const found = patients
          .patients()
          .filter(({ id, reviewAt }) => isDueAt(reviewAt, until) && (cursor === null || id > cursor));
        const due = found.slice(0, patientsOfPage).map(({ id, reviewAt }) => ({ id, reviewAt }));
        return { due, cursor: found.length > patientsOfPage ? (due.at(-1)?.id ?? null) : null };
      }),
  };
}

function isDueAt(reviewAt: string | null, until: string | null): boolean {
  return until === null || (reviewAt !== null && reviewAt <= until);
}

/** The accounts of the nights in memory; lines of assessed patients are the patients' own. */
export function memoryNights(patients: MemoryPatients, audit: MemoryAudit, faults: Faults): Nights {
  const runs = new Map<string, NightRun>();
  const setAsides: NightLine[] = [];
  const lists = new Map<string, readonly MorningList[]>();
  const finishedBefore = (night: string) =>
    [...runs.values()]
      .filter((run) => run.night < night && run.finished !== null)
      .toSorted((a, b) => (a.night < b.night ? -1 : 1))
      .at(-1);
  const linesOf = (night: string) => [...patients.lines(), ...setAsides].filter((line) => line.night === night);
  const append = (chain: string, entry: Parameters<MemoryAudit['append']>[1], at: string) =>
    audit.append(audit.place(systemChainOf(chain)), entry, at);

  return {
    open: (run) =>
      withFaults(faults, 'nights.open', () => {
        const known = runs.get(run.night);
        if (known !== undefined) return known;
        append(run.night, openingRecord(run), run.startedAt);
        runs.set(run.night, run);
        return run;
      }),
    load: (night) => withFaults(faults, 'nights.load', () => runs.get(night)),
    lastFinishedBefore: (night) => withFaults(faults, 'nights.lastFinishedBefore', () => finishedBefore(night)),
    lines: (night) => withFaults(faults, 'nights.lines', () => linesOf(night)),
    setAside: (line, reason, at) =>
      withFaults(faults, 'nights.setAside', () => {
        if (linesOf(line.night).some(({ patient }) => patient === line.patient)) return;
        append(line.patient, setAsideRecord(line, runs.get(line.night)?.rules ?? '', reason), at);
        setAsides.push(line);
      }),
    close: (run, result, morning) =>
      withFaults(faults, 'nights.close', () => {
        if (runs.get(run.night)?.finished?.missed === 0) return;
        append(run.night, closingRecord(run, result), result.at);
        runs.set(run.night, { ...run, finished: result });
        lists.set(run.night, morning);
      }),
    morningLists: (night) => withFaults(faults, 'nights.morningLists', () => [...(lists.get(night) ?? [])]),
  };
}
