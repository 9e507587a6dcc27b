/**
 * The local emulator, as the command line and the tests use it: install, start, synthesize, deploy, stop.
 * A run here proves what the code does with what the emulator answers, never cost, speed or security on AWS.
 */
export { type DeployOptions, deployStacks, type StackOutputs, type SynthesizeOptions, synthesize } from './deploy.ts';
export { type DetachedEmulator, detachedEmulator, startDetached, stopDetached } from './detached.ts';
export { emulatorCredentials, projectRoot, workFolder } from './environment.ts';
export { ensureInstalled } from './install.ts';
export { type Emulator, type EmulatorOptions, startEmulator } from './start.ts';
