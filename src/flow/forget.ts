/** What the corridor still holds of what the platform gave about a person: raw payloads, kept answers, scenes in events. */
import type { ClientSession, Types } from 'mongoose';
import type { Address } from '../contracts/index.js';
import type { FlowModels } from './models.js';

/** Deletes it up to a moment; what the person wrote stays, as does that and when something happened. */
export async function forgetGiven(
  { inbox, events }: FlowModels,
  tx: ClientSession,
  { customerId, address, upTo }: { customerId: Types.ObjectId; address: Address; upTo: Date },
): Promise<void> {
  const { channel, account, user } = address;
  await inbox.updateMany(
    { 'from.channel': channel, 'from.account': account, 'from.user': user, at: { $lte: upTo } },
    { $unset: { raw: 1, rawUntil: 1, reply: 1 } },
    { session: tx },
  );
  await events.updateMany(
    { customerId, at: { $lte: upTo }, 'data.scene': { $exists: true } },
    { $unset: { 'data.scene': 1 } },
    { session: tx },
  );
}
