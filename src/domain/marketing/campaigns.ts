/** The names by which budgets and hold-outs know what speaks to many. */
import type { Types } from 'mongoose';

export const broadcastCampaign = (id: Types.ObjectId | string): string => `broadcast:${String(id)}`;
export const strategyCampaign = (code: string): string => `strategy:${code}`;
