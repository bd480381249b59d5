/** The list of actions, one line each. */
import type { Action } from '../contracts/index.js';
import { notice } from './notice/index.js';
import { reply } from './reply/index.js';

export const actions = [reply, notice] as unknown as readonly Action[];
