/** A name in the console's two languages. */
import { z } from 'zod';

export const Titles = z.object({ 'zh-CN': z.string(), en: z.string() });
export type Titles = z.infer<typeof Titles>;
