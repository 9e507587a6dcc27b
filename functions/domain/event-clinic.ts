import type { Clinic } from './clinic.ts';
import type { ClinicalEvent, Fault } from './event.ts';

/** What an event names that the clinic has to know. */
export type KnownNames = Pick<Clinic, 'programme' | 'measures'>;

/**
 * What in a read event does not fit this clinic: a programme, module or measure it does not have. The names in the messages
 * are the clinic's own. A FHIR response names its measure only once it is read, so nothing is said of it here.
 */
export function checkAgainstClinic(event: ClinicalEvent, clinic: KnownNames): Fault[] {
  switch (event.type) {
    case 'PatientEnrolled':
      return unknown('programme', event.data.programme, [clinic.programme]);
    case 'ModuleStarted':
    case 'ModuleCompleted':
      return unknown('module', event.data.module, clinic.programme.modules);
    case 'QuestionnaireSubmitted':
      return 'measure' in event.data ? unknown('measure', event.data.measure, clinic.measures) : [];
    default:
      return [];
  }
}

function unknown(
  field: 'programme' | 'module' | 'measure',
  name: string,
  known: readonly { readonly id: string }[],
): Fault[] {
  if (known.some(({ id }) => id === name)) return [];
  const names = known.map(({ id }) => id).join(', ');
  return [
    {
      path: `data.${field}`,
      message: `is not a ${field} of this clinic: write ${known.length > 1 ? 'one of ' : ''}${names}`,
    },
  ];
}
