/** The list of actions, one line each. */
import type { Action } from '../contracts/index.js';
import { reply } from './reply/index.js';

export const actions = [reply] as unknown as readonly Action[];
