/** The list of triggers, one line each. */
import type { Trigger } from '../contracts/index.js';
import { follow } from './follow/index.js';
import { keyword } from './keyword/index.js';
import { outsideHours } from './outside-hours/index.js';

export const triggers = [follow, keyword, outsideHours] as unknown as readonly Trigger[];
