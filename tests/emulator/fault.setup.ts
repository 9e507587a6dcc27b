import type { TestProject } from 'vitest/node';
import { ensureFaultProxy, startFaultProxy } from './fault-proxy.ts';
import { provideStack } from './provide.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the functions' calls can be made to go wrong; null: it could not be installed, and its tests are skipped. */
    faultProxy: string | null;
  }
}

/** What failed is tried again after a hundredth of the time. */
const waitScale = 0.01;

export default async (project: TestProject) => {
  try {
    await ensureFaultProxy();
  } catch (error) {
    const [why] = String(error).split('\n');
    process.stderr.write(`tests/fault is skipped: the fault proxy could not be installed (${why})\n`);
    project.provide('faultProxy', null);
    return async () => {};
  }
  const stopStack = await provideStack(project, { waitScale });
  const proxy = await startFaultProxy(project.getProvidedContext().emulator.endpoint).catch(async (error: unknown) => {
    await stopStack();
    throw error;
  });
  project.provide('faultProxy', proxy.endpoint);
  return async () => {
    await proxy.stop();
    await stopStack();
  };
};
