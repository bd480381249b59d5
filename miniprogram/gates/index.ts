/** Every gate by name. Each reads the mini-program below `root` and tells what is wrong; an empty list opens it. */
import { checkPreview } from '../preview/build.js';
import type { Problem } from '../preview/problem.js';
import { checkImports } from './imports.js';
import { checkWithPlatformCompilers } from './platform-compilers.js';
import { checkTemplateTypes } from './template-types.js';
import { checkTypes } from './types.js';

export const gates = {
  types: checkTypes,
  'template types': checkTemplateTypes,
  'platform compilers': checkWithPlatformCompilers,
  imports: checkImports,
  'browser build': (root: string) => checkPreview({ root }),
} satisfies Record<string, (root: string) => Problem[] | Promise<Problem[]>>;

export type GateName = keyof typeof gates;
