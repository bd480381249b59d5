// Types are checked once by tsc, not here; the ESM guard test proves that what runs is what ships.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests', '<rootDir>/packages/embedded-mongo/tests'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '<rootDir>/scripts/jest/transform.mjs' },
  testSequencer: '<rootDir>/scripts/jest/sequencer.mjs',
  testTimeout: 20000,
  // Modules of finished files stay in a worker's memory, and the collector goes through them again and again: a new worker costs less.
  workerIdleMemoryLimit: '400MB',
};
