import { sha256Hex } from '../../domain/canonical.ts';
import type { StaffId } from '../../domain/escalation-plan.ts';

/** The end of the name of a person's topic. It says nothing of the person, and stays the same as long as the id does. */
export function staffTopicSuffix(id: StaffId): string {
  return sha256Hex('tandem.staff-topic.v1\u0000', id).slice(0, 20);
}
