import { describe, expect, it } from 'vitest';
import { oldestZoneData, readCanaries, zoneCanaries, zoneDataFaults } from '../../functions/domain/zone-data.ts';

const right = zoneCanaries.map(({ shows }) => shows);

describe('T13: the zone data of a run time', () => {
  it('of this one is new enough', () => {
    expect(zoneDataFaults(process.versions['tz'], readCanaries(zoneCanaries))).toEqual([]);
  });

  it('is taken from the oldest release on that has the rules', () => {
    expect(zoneDataFaults(oldestZoneData, right)).toEqual([]);
    expect(zoneDataFaults('2024b', right)).toEqual(['zone data 2024b is older than 2025a: update the run time']);
  });

  it('is no use without a name', () => {
    expect(zoneDataFaults(undefined, right)).toEqual(['the run time does not name its zone data: use one that does']);
  });

  it('is caught by its canaries, whatever it calls itself', () => {
    const old = ['2026-07-01T10:00', null, ...right.slice(2)];
    expect(zoneDataFaults('2026c', old)).toEqual([
      'America/Mexico_City shows 2026-07-01T10:00 at 2026-07-01T15:00:00Z, not 2026-07-01T09:00 as since 2022f: update the run time',
      'America/Ciudad_Juarez shows nothing at 2026-07-01T15:00:00Z, not 2026-07-01T09:00 as since 2022g: update the run time',
    ]);
  });

  it('may lack a zone altogether', () => {
    expect(readCanaries([{ zone: 'Mars/Base', at: '2026-07-01T15:00:00Z', shows: '', since: '' }])).toEqual([null]);
  });
});
