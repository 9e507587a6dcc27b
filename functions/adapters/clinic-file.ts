import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clinic } from '../domain/clinic.ts';
import { clinicHash } from '../domain/clinic-compile.ts';
import { planHash } from '../domain/escalation-plan.ts';

/**
 * The clinic's configuration as its deployment wrote it, beside the handler or where CLINIC_FILE says. It was checked when
 * it was compiled; what is made sure here is that nobody has edited it since, so that every decision carries the true rules.
 * @throws Error saying which file, and to deploy again.
 */
export function readClinicFile(where: {
  CLINIC_FILE?: string | undefined;
  LAMBDA_TASK_ROOT?: string | undefined;
}): Clinic {
  const file = where.CLINIC_FILE ?? join(where.LAMBDA_TASK_ROOT ?? '.', 'clinic.json');
  const wrong = (why: string) => new Error(`${file} ${why}: deploy again from the clinic's folder`);
  let clinic: Clinic;
  try {
    clinic = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw wrong('cannot be read as JSON');
  }
  let isAsCompiled: boolean;
  try {
    isAsCompiled = clinic.hash === clinicHash(clinic) && clinic.escalation.hash === planHash(clinic.escalation);
  } catch {
    throw wrong('is no configuration of a clinic');
  }
  if (!isAsCompiled) throw wrong('was changed after it was compiled');
  return clinic;
}
