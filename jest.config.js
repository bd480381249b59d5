// ts-jest only transpiles here (types are checked once by tsc); the ESM guard test proves that what runs is what ships.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests', '<rootDir>/packages/embedded-mongo/tests'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        useESM: true,
        tsconfig: {
          module: 'ESNext',
          moduleResolution: 'bundler',
          isolatedModules: true,
          target: 'ES2023',
          verbatimModuleSyntax: true,
          esModuleInterop: true,
        },
        diagnostics: false,
      },
    ],
  },
  testTimeout: 20000,
};
