/**
 * `huike import`: reads the command line, shows what will be done, runs the importer with a bar, prints what came of it. Exit codes: 0
 * when rows went in, were there already or there was nothing wrong; 1 when it failed or every row was refused; 2 bad usage.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { SingleBar } from 'cli-progress';
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { ImportMapping, importEncodings, importKinds } from '../contracts/http/imports.js';
import type { ImportKind } from '../contracts/http/imports.js';
import { StartProblem } from '../errors.js';
import { ImportProblem, findFormat, isReason, reasons, sampleRows, suggestMapping } from '../imports/index.js';
import type { Importer, ImportOutcome, ImportProgress } from '../imports/index.js';

export interface ImportCommandParts {
  say(line: string): unknown;
  /** Opens what an import works on, and closes it after. */
  withImporter(work: (importer: Importer) => Promise<void>): Promise<void>;
}

interface Options {
  mapping?: string;
  source?: string;
  encoding?: string;
  dryRun?: true;
  errors?: string;
  points?: true;
  yes?: true;
  showMapping?: true;
}

export function addImportCommand(program: Command, { say, withImporter }: ImportCommandParts): void {
  program
    .command('import')
    .description('imports orders or customers from a CSV, text or Excel file; the same file again changes nothing')
    .addArgument(new Argument('<kind>', 'what the rows are').choices([...importKinds]))
    .argument('<file>', 'the file')
    .option('--mapping <file>', 'JSON that says which column is what; without it one is proposed from the header')
    .option('--source <name>', 'the system the file comes from; half of every key')
    .addOption(new Option('--encoding <name>', 'of a text file; found by itself').choices([...importEncodings]))
    .option('--dry-run', 'checks everything and writes nothing')
    .option('--errors <file>', 'writes the refused rows to this CSV file')
    .option('--points', 'orders move points as if they were reported now; without it only figures and growth value')
    .option('--yes', 'does not ask before it writes')
    .option('--show-mapping', 'prints the mapping as JSON and ends')
    .action(async (kind: ImportKind, file: string, options: Options, command: Command) => {
      const mapping = await mappingFor(kind, file, options).catch((error: unknown) => refuse(error, command));
      if (options.showMapping) return void say(JSON.stringify(mapping, null, 2));
      if (!options.mapping) for (const line of linesOfMapping(mapping)) say(line);
      if (!options.dryRun && !options.yes && !(await agreed(command))) return void say('Nothing was written.');
      await withImporter(async (importer) => {
        const outcome = await runWithBar(importer, file, mapping, options);
        for (const line of linesOfOutcome(outcome)) say(line);
        if (outcome.report && options.errors) await copyFile(outcome.report, options.errors);
        if (outcome.report) say(`Refused rows: ${resolve(options.errors ?? outcome.report)}`);
        if (isFailure(outcome)) process.exitCode = 1;
      });
    });
}

/** What is wrong with the command line or its files is bad usage; the rest goes up. */
function refuse(error: unknown, command: Command): never {
  if (error instanceof BadMapping) command.error(error.message, { exitCode: 2, code: 'huike.badMapping' });
  if (error instanceof ImportProblem) throw new StartProblem(error.message);
  throw error;
}

class BadMapping extends Error {}

async function mappingFor(kind: ImportKind, file: string, options: Options): Promise<ImportMapping> {
  const given = options.mapping ? await readMapping(options.mapping) : (await propose(kind, file, options)).mapping;
  const format = options.encoding ? { ...asRecord(given['format']), encoding: options.encoding } : given['format'];
  const whole = { ...given, ...(options.source ? { source: options.source } : {}), format };
  const checked = ImportMapping.safeParse(whole);
  if (checked.success && checked.data.kind === kind) return checked.data;
  if (checked.success) throw new BadMapping(`The mapping is for ${checked.data.kind}, not for ${kind}.`);
  const problems = checked.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  const start = options.mapping
    ? `The mapping in ${options.mapping} is not complete:`
    : 'The header does not say enough for a mapping. Write one (docs/import.md) and give it with --mapping:';
  throw new BadMapping([start, ...problems].join('\n'));
}

async function readMapping(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new BadMapping(`The mapping ${file} cannot be read.`);
  });
  try {
    return asRecord(JSON.parse(text));
  } catch {
    throw new BadMapping(`The mapping ${file} is not JSON.`);
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

async function propose(
  kind: ImportKind,
  file: string,
  options: Options,
): Promise<{ mapping: Record<string, unknown> }> {
  const found = await findFormat(file);
  const { header, sample } = await sampleRows(file, found, 50);
  const source = options.source ?? basename(file).replace(/\.[^.]*$/, '');
  return { mapping: { ...suggestMapping({ kind, header, sample, format: found, source }).mapping } };
}

function linesOfMapping({ source, columns, groups, format }: ImportMapping): string[] {
  const fields = Object.entries(columns).map(([field, column]) => {
    return `  ${field.padEnd(24)} <- ${typeof column === 'object' ? JSON.stringify(column) : column}`;
  });
  return [`Read as ${format.type}, source ${source}${groups ? ', rows of one order together' : ''}:`, ...fields];
}

async function agreed(command: Command): Promise<boolean> {
  if (!process.stdin.isTTY) {
    command.error('There is nobody to ask. Add --yes to write, or --dry-run to check only.', { exitCode: 2 });
  }
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|是)$/i.test((await ask.question('Import these rows? [y/N] ')).trim());
  } finally {
    ask.close();
  }
}

async function runWithBar(
  importer: Importer,
  file: string,
  mapping: ImportMapping,
  options: Options,
): Promise<ImportOutcome> {
  const format =
    '  {bar} {percentage}% | {rows} 行 rows | {ok} 导入 in, {unchanged} 已有 known, {bad} 拒绝 refused | {duration} s';
  const counts = { rows: 0, ok: 0, unchanged: 0, bad: 0 };
  const bar = new SingleBar({
    format,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 1000,
    stream: process.stderr,
  });
  bar.start(100, 0, counts);
  const onProgress = ({ counts: now, bytes, totalBytes }: ImportProgress): void =>
    bar.update(Math.floor((100 * bytes) / totalBytes), now);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  const request = {
    ...{ file, mapping, onProgress, signal: stop.signal },
    ...{ fileName: basename(file), by: 'huike', dryRun: options.dryRun === true },
    mode: options.points ? ('live' as const) : ('history' as const),
  };
  try {
    return await importer.run(request);
  } catch (error) {
    if (error instanceof ImportProblem) throw new StartProblem(error.message);
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    bar.stop();
  }
}

export function linesOfOutcome({ state, counts, reasons: why, failure, resumedAfterLine }: ImportOutcome): string[] {
  const { rows, ok, unchanged, bad } = counts;
  const verb = state === 'checked' ? 'would go in' : 'went in';
  return [
    ...(resumedAfterLine > 0 ? [`Went on after line ${resumedAfterLine}, where an earlier run was cut short.`] : []),
    `${rows} rows: ${ok} ${verb}, ${unchanged} were known and unchanged, ${bad} refused.`,
    ...why.map(({ code, count }) => {
      const text = isReason(code) ? `${reasons[code].title['zh-CN']} · ${reasons[code].title.en}` : '';
      return `  ${String(count).padStart(6)}  ${code}  ${text}`;
    }),
    ...(state === 'stopped' ? ['Stopped. What went in stays; run it again for the rest.'] : []),
    ...(failure ? [`${failure.code}: ${failure.detail}`] : []),
  ];
}

const isFailure = ({ state, counts }: ImportOutcome): boolean =>
  state === 'failed' || state === 'stopped' || (counts.bad > 0 && counts.ok + counts.unchanged === 0);
