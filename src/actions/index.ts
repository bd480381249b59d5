/** The list of actions, one line each. */
import type { Action } from '../contracts/index.js';
import { notice } from './notice/index.js';
import { reply } from './reply/index.js';
import { send } from './send/index.js';

export const actions = [reply, notice, send] as unknown as readonly Action[];
