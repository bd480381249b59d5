/** Proves params, query and body against their schemas, and names every wrong field of all three in one answer. */
import type { z } from 'zod';
import type { FieldProblem } from '../../contracts/index.js';
import { RequestProblem } from '../../errors.js';

export interface Part {
  schema: z.ZodType | undefined;
  input: unknown;
}

/** The parsed parts in the order given; 400 request.invalid. */
export async function validate(parts: readonly Part[]): Promise<unknown[]> {
  const parsed: unknown[] = [];
  const errors: FieldProblem[] = [];
  for (const { schema, input } of parts) {
    if (!schema) {
      parsed.push(undefined);
      continue;
    }
    const result = await schema.safeParseAsync(input);
    parsed.push(result.data);
    for (const issue of result.error?.issues ?? []) errors.push(...fieldsOf(issue, input));
  }
  if (errors.length > 0) {
    const paths = errors.map((error) => error.path || 'body').join(', ');
    throw new RequestProblem(400, 'request.invalid', `These fields are wrong: ${paths}.`, { errors });
  }
  return parsed;
}

function fieldsOf(issue: z.core.$ZodIssue, input: unknown): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: dotted([...issue.path, key]),
      code: 'unknown',
      message: 'There is no such field.',
    }));
  }
  const missing = issue.code !== 'custom' && at(input, issue.path) === undefined;
  return [{ path: dotted(issue.path), code: missing ? 'required' : issue.code, message: issue.message }];
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), input);
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
