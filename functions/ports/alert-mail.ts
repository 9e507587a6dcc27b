import type { StaffId } from '../domain/escalation-plan.ts';

/** What leaves in clear: the same for every alert but for its opaque id. */
export interface Mail {
  readonly subject: string;
  readonly body: string;
}

/** E-mail to the people of the escalation plan. */
export interface AlertMail {
  /** Whether this person has confirmed the address that the plan names. Whoever has not gets nothing, and nobody is told of it. */
  isConfirmed(staff: StaffId): Promise<boolean>;
  /** Resolves once the service has taken it: it then tries to deliver for itself. */
  send(to: StaffId, mail: Mail): Promise<void>;
}
