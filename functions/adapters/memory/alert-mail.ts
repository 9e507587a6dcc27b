import type { StaffId } from '../../domain/escalation-plan.ts';
import type { AlertMail, Mail } from '../../ports/alert-mail.ts';
import type { Operators } from '../../ports/operators.ts';
import { type Faults, withFaults } from './faults.ts';

/** E-mail that goes nowhere and can be read. */
export class MemoryAlertMail implements AlertMail {
  readonly sent: (Mail & { readonly to: StaffId })[] = [];
  /** Who has not confirmed. */
  readonly unconfirmed = new Set<StaffId>();
  readonly #faults: Faults;

  constructor(faults: Faults = {}) {
    this.#faults = faults;
  }

  isConfirmed(staff: StaffId): Promise<boolean> {
    return withFaults(this.#faults, 'alertMail.isConfirmed', () => !this.unconfirmed.has(staff));
  }

  send(to: StaffId, mail: Mail): Promise<void> {
    return withFaults(this.#faults, 'alertMail.send', () => {
      this.sent.push({ to, ...mail });
    });
  }
}

/** Operators who write down what they are told. */
export class MemoryOperators implements Operators {
  readonly told: string[] = [];
  readonly #faults: Faults;

  constructor(faults: Faults = {}) {
    this.#faults = faults;
  }

  alert(text: string): Promise<void> {
    return withFaults(this.#faults, 'operators.alert', () => {
      this.told.push(text);
    });
  }
}
