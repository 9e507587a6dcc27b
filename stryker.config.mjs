// `npm run test:mutation`: breaks the code in many small ways and expects the tests to notice. Coverage proves that the tests
// run the code; this proves that they would fail.
export default {
  testRunner: 'vitest',
  // Calls the compiler's old programming interface, which TypeScript 7 does not have: it must not find a tsconfig.
  tsconfigFile: 'no-tsconfig-needed.json',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  mutate: [
    'functions/domain/fold.ts',
    'functions/domain/decide.ts',
    'functions/domain/safety-alert.ts',
    'functions/domain/safety.ts',
    'functions/domain/audit-chain.ts',
    'functions/domain/questionnaire.ts',
    'functions/domain/questionnaire-fhir.ts',
    'functions/domain/questionnaire-answer.ts',
    'functions/domain/measure.ts',
    'functions/load-decide-commit.ts',
    'functions/receive-event.ts',
    'functions/adapters/dynamodb/transaction.ts',
  ],
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false },
  thresholds: { high: 90, low: 80, break: 80 },
  concurrency: 2,
  // Nothing of these is needed, and the emulator's links to folders cannot be copied.
  ignorePatterns: ['.emulator', '.tandem', 'cdk.out*', 'coverage', 'docs/*.md'],
  tempDirName: '.stryker-tmp',
};
