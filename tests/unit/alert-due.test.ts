import { describe, expect, it } from 'vitest';
import { type Alert, type AlertMessage, endedAlert, newAlert } from '../../functions/domain/alert.ts';
import { alertDueAt } from '../../functions/domain/alert-due.ts';

const raisedAt = '2026-03-02T10:00:00.000Z';
const nextActionAt = '2026-03-02T10:30:00.000Z';
const message = (by: AlertMessage['by']): AlertMessage => ({ id: 'm-1', to: 't-7', kind: 'alert', by, alertId: 'a-1' });
const alertWith = (...outbox: AlertMessage[]): Alert => ({
  ...newAlert({ id: 'a-1', cause: 'safety', tier: 'urgent', evidence: [] }, raisedAt),
  nextActionAt,
  outbox,
});

describe('an alert is due', () => {
  it('when its next action is, where nothing waits to be sent by e-mail', () => {
    expect(alertDueAt(alertWith())).toBe(nextActionAt);
    expect(alertDueAt(alertWith(message('list')))).toBe(nextActionAt);
  });

  it('at once while an e-mail waits, whoever should have sent it', () => {
    expect(alertDueAt(alertWith(message('list'), message('email')))).toBe(raisedAt);
  });

  it('never again once it has ended', () => {
    expect(alertDueAt(endedAlert(alertWith(message('email')), 'resolved', 'reached'))).toBeNull();
  });
});
