// Lint and types at once, for `npm test`: both need the types of every file, which are worked out once here and judged by both.
// Sends its parent what came of each check, with the words of what is wrong; started by hand, it prints that.
import { relative } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';
import { root } from './prepare.mjs';

/** Each is a check of its own; one without a name is only linted: a test of the mini-program checks its types. */
const projects = [
  { name: 'types', config: 'tsconfig.json' },
  { name: 'types of the embedded database', config: 'packages/embedded-mongo/tsconfig.lint.json' },
  { name: 'types of the preview', config: 'miniprogram/preview/runtime/tsconfig.json' },
  { config: 'miniprogram/tsconfig.json' },
];

const programs = projects.map(({ config }) => programOf(config));
for (const [index, { name }] of projects.entries()) if (name) await report(name, () => typeProblems(programs[index]));
await report('lint', lintProblems);

function programOf(config) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse };
  const parsed = ts.getParsedCommandLineOfConfigFile(config, { noEmit: true }, host);
  if (parsed.errors.length > 0) refuse(parsed.errors[0]);
  return ts.createProgram({ rootNames: parsed.fileNames, options: parsed.options });
}

function refuse(diagnostic) {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}

/** Gives what is wrong; empty when all is well. */
function typeProblems(program) {
  const found = ts.sortAndDeduplicateDiagnostics(ts.getPreEmitDiagnostics(program));
  const host = { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => '\n' };
  return ts.formatDiagnostics(found, host);
}

async function lintProblems() {
  const typed = { files: ['**/*.ts'], languageOptions: { parserOptions: { project: null, programs } } };
  const results = await new ESLint({ cwd: root, overrideConfig: typed }).lintFiles(['.']);
  return results
    .flatMap(({ filePath, messages }) =>
      messages.map(
        ({ line, column, message, ruleId }) =>
          `${relative(root, filePath)}(${line},${column}): ${message} (${ruleId})\n`,
      ),
    )
    .join('');
}

async function report(name, problems) {
  const started = Date.now();
  const output = await problems();
  const told = { name, ok: output === '', seconds: (Date.now() - started) / 1000, output };
  if (process.send) process.send(told);
  else process.stdout.write(`${output}${told.ok ? 'ok  ' : 'FAIL'} ${name} (${told.seconds.toFixed(1)} s)\n`);
}
