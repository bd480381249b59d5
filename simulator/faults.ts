/** Faults that tests and demos order (docs/wechat.md 6.6): which call or push fails next, how, and how many times. */
import { z } from 'zod';

export const FaultInput = z
  .strictObject({
    /** A path of the platform API, `push` for callbacks, `*` for every API call. */
    path: z.string().min(1),
    times: z.int().min(1).default(1),
    errcode: z.int().optional(),
    errmsg: z.string().optional(),
    delayMs: z.int().min(0).max(600_000).optional(),
    /** `before`: destroyed before the call has effect. `after`: the effect happens, then the connection is destroyed. */
    drop: z.enum(['before', 'after']).optional(),
    /** Sent as it is instead of the answer: truncated JSON, an HTML page. */
    body: z.string().optional(),
    status: z.int().min(100).max(599).optional(),
    /** With errcode, body or status: whether the call has its effect all the same. */
    effect: z.boolean().default(false),
    /** Pushes only: the same body is delivered twice. */
    duplicate: z.boolean().optional(),
    /** Pushes only: held back until the account's next push has been delivered. */
    outOfOrder: z.boolean().optional(),
  })
  .refine((fault) => fault.path === 'push' || (fault.duplicate ?? fault.outOfOrder) === undefined, {
    path: ['path'],
    message: 'duplicate and outOfOrder are faults of path "push"',
  });
export type Fault = z.infer<typeof FaultInput>;

/** Takes one use of the first fault for that path that `wanted` accepts. */
export function takeFault(faults: Fault[], path: string, wanted: (fault: Fault) => boolean = () => true) {
  const fault = faults.find(
    (each) => each.times > 0 && (each.path === path || (each.path === '*' && path !== 'push')) && wanted(each),
  );
  if (fault === undefined) return undefined;
  fault.times -= 1;
  return fault;
}
