import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemChainOf } from '../../functions/adapters/set-aside-audit.ts';
import { morningListRecord } from '../../functions/domain/morning-list.ts';
import type { MorningMails } from '../../functions/ports/morning-mails.ts';

interface Ports {
  readonly morningMails: MorningMails;
  readonly auditRecords: (chain: string) => Promise<readonly { readonly sequence: number }[]>;
}

/** What every adapter of the port MorningMails promises. */
export function morningMailsContract(adapter: string, start: () => Promise<Ports>): void {
  describe(`morning lists that went out, ${adapter}`, () => {
    it('notes a list of a day and a person once, with one audit record, and keeps what it carried', async () => {
      const { morningMails, auditRecords } = await start();
      // Contracts share their tables: a day that no other run has.
      const day = `${randomInt(3000, 9000)}-03-02`;
      const chain = systemChainOf(day);
      const before = (await auditRecords(chain)).length;
      const list = { staff: 't-7', toAnswer: 2, patients: 1, answered: 0, alerts: [], messages: ['m-1', 'm-2'] };
      const record = morningListRecord(day, list, 'sha256:test');
      const at = '2026-03-02T12:30:00.000Z';
      expect(await morningMails.carried(day, 't-7')).toBeNull();
      expect(await morningMails.note(day, 't-7', list.messages, record, at)).toBe(true);
      expect(await morningMails.note(day, 't-7', ['m-3'], record, at)).toBe(false);
      expect(await morningMails.carried(day, 't-7')).toEqual(['m-1', 'm-2']);
      expect(await morningMails.carried(day, 't-8')).toBeNull();
      expect(await auditRecords(chain)).toHaveLength(before + 1);
    });

    it('keeps that a list went out which carried no message', async () => {
      const { morningMails } = await start();
      const day = `${randomInt(3000, 9000)}-03-03`;
      const list = { staff: 't-7', toAnswer: 1, patients: 1, answered: 0, alerts: [], messages: [] };
      await morningMails.note(day, 't-7', [], morningListRecord(day, list, 'sha256:test'), '2026-03-03T12:30:00.000Z');
      expect(await morningMails.carried(day, 't-7')).toEqual([]);
    });
  });
}
