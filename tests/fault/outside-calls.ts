/** Every call to the outside that each function makes. A new one belongs here, and then has to be struck by every fault. */
import type { Call } from './faulty-calls.ts';

/** By the name of the function's ports in functions/adapters/compose.ts. */
export const outsideCalls = {
  vendorDoorPorts: ['bus.put'],
  intakePorts: [
    'pseudonyms.patient',
    'pseudonyms.event',
    'patients.load',
    'patients.seen',
    'patients.history',
    'patients.commit',
    'setAsides.put',
    'canaries.arrived',
    'earlyAlerts.find',
    'earlyAlerts.keep',
    'alertMail.isConfirmed',
    'alertMail.send',
    'operators.alert',
  ],
  canaryPorts: ['bus.put', 'canaries.hasArrived'],
  scanPorts: [
    'nights.lastFinishedBefore',
    'nights.open',
    'nights.load',
    'nights.lines',
    'nights.setAside',
    'nights.close',
    'reviewIndex.due',
    'patients.load',
    'patients.history',
    'patients.commit',
  ],
  watchdogPorts: ['nights.load', 'nights.lines', 'reviewIndex.due', 'operators.alert'],
  alertPorts: [
    'alertIndex.due',
    'alertClaims.take',
    'alertClaims.release',
    'patients.load',
    'patients.commit',
    'alertMail.isConfirmed',
    'alertMail.send',
    'operators.alert',
  ],
  alertWorkflowPorts: [
    'alertClaims.take',
    'alertClaims.release',
    'patients.load',
    'patients.commit',
    'alertMail.isConfirmed',
    'alertMail.send',
    'operators.alert',
    'alertIndex.standing',
    'alertTokens.keep',
    'alertWorkflow.wake',
  ],
  alertDriverPorts: ['alertIndex.standing', 'alertTokens.newest', 'alertWorkflow.start', 'alertWorkflow.wake'],
  reminderPorts: [
    'reminderIndex.due',
    'patients.load',
    'patients.history',
    'patients.commit',
    'reminderChannels.reachable',
    'reminderChannels.send',
  ],
  sealPorts: [
    'sealStore.head',
    'sealStore.stage',
    'sealStore.staged',
    'sealStore.swap',
    'sealStore.publish',
    'sealStore.read',
    'sealStore.discard',
    'changedChains.changed',
    'changedChains.sealed',
    'signer.sign',
  ],
  reconcilePorts: ['standings.of', 'records.page', 'reviewIndex.due'],
  alertApiPorts: [
    'alertIndex.due',
    'alertIndex.patientOf',
    'journal.note',
    'patients.load',
    'patients.history',
    'patients.commit',
  ],
  authorizerPorts: ['tokens.check', 'journal.note'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Ports that no history has, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  consolePorts: 'serves files of its own bundle and calls nothing',
  operatorPorts: 'a person at the command line sees the failure and repeats the command',
  exportPorts: 'a person at the command line sees the failure and repeats the command',
};

export const everyCall: readonly Call[] = Object.entries(outsideCalls).flatMap(([ports, calls]) =>
  calls.map((call): Call => `${ports} ${call}`),
);
