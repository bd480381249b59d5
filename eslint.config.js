import js from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';

// Advice lives in ARCHITECTURE.md; lint refuses only what is never right: any, long files, cycles, floating promises.
export default js.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'console/**',
      'data/**',
      'scripts/**',
      '*.js',
      'simulator/phone/**',
      'tests/helpers/*.mjs',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [js.configs.base],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.json',
          './packages/embedded-mongo/tsconfig.lint.json',
          './miniprogram/tsconfig.json',
          './miniprogram/preview/runtime/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'import-x/no-default-export': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
);
