import type { TestProject } from 'vitest/node';
import { provideStack } from './provide.ts';

/** A day of a workflow's waiting takes 14 minutes, a quarter of an hour 9 seconds. Task time-outs keep their length. */
const waitScale = 0.01;

export default (project: TestProject) => provideStack(project, { waitScale });
