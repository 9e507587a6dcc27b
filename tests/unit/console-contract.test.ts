import { describe, expectTypeOf, it } from 'vitest';
import type * as page from '../../console/src/contract.ts';
import type { Outcome, SnoozeReason } from '../../functions/domain/alert-outcome.ts';
import type { AlertLine, AlertView } from '../../functions/domain/alert-view.ts';

describe('what the care team’s page expects of its API', () => {
  it('is what the API says', () => {
    expectTypeOf<AlertLine>().toEqualTypeOf<page.Alert>();
    expectTypeOf<AlertView>().toExtend<page.AlertDetail>();
  });

  it('is what the API takes', () => {
    expectTypeOf<page.Outcome>().toExtend<Outcome>();
    expectTypeOf<Outcome>().toExtend<page.Outcome>();
    expectTypeOf<SnoozeReason>().toEqualTypeOf<page.SnoozeReason>();
  });
});
