import type { TestProject } from 'vitest/node';
import { provideStack } from './provide.ts';

export default (project: TestProject) => provideStack(project);
