import type { TestProject } from 'vitest/node';
import { provideEmulator } from './provide.ts';

export default (project: TestProject) => provideEmulator(project);
