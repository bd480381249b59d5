/** Errors over HTTP: RFC 9457 problem details with a stable code. */
import { z } from 'zod';

export const FieldProblem = z.object({
  /** Where, as a dotted path into body, query or params: `content.text`. */
  path: z.string(),
  code: z.string(),
  message: z.string(),
});
export type FieldProblem = z.infer<typeof FieldProblem>;

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** Stable; listed in docs/errors.md. */
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(FieldProblem).optional(),
  requestId: z.string(),
});
export type Problem = z.infer<typeof Problem>;
