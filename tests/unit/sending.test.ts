import { describe, expect, it } from 'vitest';
import { crossChecks } from '../../functions/domain/clinic-checks.ts';
import { sendingSchema } from '../../functions/domain/sending.ts';
import { exampleClinic } from '../example-clinic.ts';

describe('how reminders leave', () => {
  it('has a default for everything but the names, which nobody can guess', () => {
    expect(sendingSchema.parse({})).toEqual({ perSecond: 1, sms: { maxPriceUsd: 0.5, monthlyLimitUsd: 1 } });
  });

  it.each([
    [{ senderName: 'Reminders' }, true],
    [{ senderName: 'R2D' }, true],
    [{ senderName: 'No' }, false],
    [{ senderName: 'MuchTooLongAName' }, false],
    [{ senderName: '12345' }, false],
    [{ sms: { originationNumber: '+12025550100' } }, true],
    [{ sms: { originationNumber: '72345' } }, true],
    [{ sms: { originationNumber: 72_345 } }, false],
    [{ sms: { originationNumber: '202 555' } }, false],
    [{ sms: { maxPriceUsd: 0 } }, false],
    [{ sms: { monthlyLimitUsd: 0.5 } }, false],
    [{ perSecond: 0 }, false],
  ])('%o is taken: %s', (written, taken) => {
    expect(sendingSchema.safeParse(written).success).toBe(taken);
  });
});

describe('the sender that phones show', () => {
  const parts = {
    programme: null,
    rules: null,
    escalation: null,
    calendars: {},
    measures: {},
    messages: { en: null },
  };
  const faultsWith = (name: string, senderName?: string) => {
    const sending = sendingSchema.parse(senderName === undefined ? {} : { senderName });
    return crossChecks({ ...parts, settings: { ...exampleClinic.settings, name, sending } });
  };

  it('does not give away the clinic, however its name is written', () => {
    expect(faultsWith('St. Ann’s', 'StAnnsCare')).toMatchObject([{ path: ['sending', 'senderName'] }]);
    expect(faultsWith('Example Clinic', 'Reminders')).toEqual([]);
    expect(faultsWith('Example Clinic')).toEqual([]);
  });

  it('may hold a name too short to give anything away', () => {
    expect(faultsWith('Re', 'Reminders')).toEqual([]);
  });
});
