import { defineConfig } from 'vitest/config';

/** Kinds that talk to the emulator start one of their own; the rest touch nothing outside the process. */
const emulated = new Set(['contract', 'workflow', 'end-to-end', 'fault']);
const kinds = ['unit', 'property', 'infrastructure', 'browser', 'contract', 'workflow', 'end-to-end', 'fault'];

export default defineConfig({
  test: {
    setupFiles: ['tests/setup.ts'],
    // Bounded by the two cores of the smallest machine it must pass on.
    maxWorkers: 2,
    passWithNoTests: true,
    projects: kinds.map((kind) => ({
      extends: true,
      test: {
        name: kind,
        include: [`tests/${kind}/**/*.test.ts`],
        testTimeout: emulated.has(kind) ? 120_000 : 60_000,
        hookTimeout: 300_000,
        ...(emulated.has(kind) ? { globalSetup: [`tests/emulator/${kind}.setup.ts`], fileParallelism: false } : {}),
      },
    })),
    coverage: {
      provider: 'v8',
      include: ['functions/**/*.ts'],
      exclude: ['functions/ports/**'],
      thresholds: { lines: 90, branches: 90, functions: 90, statements: 90, 'functions/domain/**': { 100: true } },
    },
  },
});
