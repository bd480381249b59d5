/** Params that many routes share. */
import { z } from 'zod';

export const ById = z.strictObject({ id: z.string().regex(/^[0-9a-f]{24}$/, 'expected a 24-digit hexadecimal id') });
