/** Collects the values of one record and everything that is wrong with its rows. Knows no kind of record. */
import type { z } from 'zod';
import type { ImportField } from '../contracts/http/imports.js';
import type { Cells } from './cells.js';
import { masked } from './mask.js';
import type { BadRow, ReasonCode } from './reasons.js';
import type { SourceRow } from './rows.js';
import type { Tidied } from './tidy.js';

export type Made<T> = { ok: true; input: T } | { ok: false; bad: BadRow[] };

export function createDraft(cells: Cells) {
  const bad: BadRow[] = [];

  function refuse(row: SourceRow, field: ImportField, reason: ReasonCode): void {
    const value = masked(field, cells.raw(field, row) || cells.text(field, row));
    bad.push({ line: row.line, column: cells.column(field), value, reason });
  }

  /** Undefined where the cell is empty or wrong; what is wrong is kept. */
  function take<T>(row: SourceRow, field: ImportField, tidy: (text: string) => Tidied<T>): T | undefined {
    const text = cells.text(field, row);
    if (text === '') return undefined;
    const tidied = tidy(text);
    if (tidied.ok) return tidied.value;
    refuse(row, field, tidied.reason);
    return undefined;
  }

  function need<T>(row: SourceRow, field: ImportField, tidy: (text: string) => Tidied<T>): T | undefined {
    if (cells.text(field, row) === '') refuse(row, field, 'field.missing');
    return take(row, field, tidy);
  }

  /** The last word is the schema's, the same that guards the open API. `place` says whose field a path is. */
  function finish<S extends z.ZodType>(
    schema: S,
    draft: unknown,
    place: (path: PropertyKey[]) => { row: SourceRow; field: ImportField },
  ): Made<z.output<S>> {
    if (bad.length > 0) return { ok: false, bad };
    const parsed = schema.safeParse(draft);
    if (parsed.success) return { ok: true, input: parsed.data };
    for (const issue of parsed.error.issues) {
      const { row, field } = place(issue.path);
      refuse(row, field, reasonOf(issue));
    }
    return { ok: false, bad };
  }

  return { bad, refuse, take, need, finish };
}

function reasonOf(issue: z.core.$ZodIssue): ReasonCode {
  if (issue.code === 'too_big') return issue.origin === 'string' ? 'field.tooLong' : 'field.invalid';
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'field.missing';
  return 'field.invalid';
}
