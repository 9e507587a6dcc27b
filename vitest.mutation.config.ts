import { defineConfig } from 'vitest/config';

/** Only what runs inside the process and concerns the mutated files: a mutant is met by hundreds of runs of it. */
export default defineConfig({
  test: {
    setupFiles: ['tests/setup.ts'],
    include: [
      'tests/unit/{safety,safety-alert,audit-chain,load-decide-commit,intake,measure,questionnaire*,adapters-transaction,decide-review}.test.ts',
      'tests/property/{fold,receive-event}.test.ts',
    ],
    testTimeout: 60_000,
  },
});
