/** The word that the holder of a login leaves for the other processes: how the bot stands, renewed while it lives. */
import { z } from 'zod';
import type { BotState, ChannelStore } from '../../contracts/index.js';

/** A word that was not renewed for so long is of a process that died. */
export const WORD_MS = 15_000;

const Word = z.object({
  holder: z.string(),
  state: z.enum(['off', 'starting', 'online', 'scan']),
  name: z.string().optional(),
  qrcode: z.string().optional(),
  reason: z.string().optional(),
  since: z.coerce.date(),
});
export type Word = z.infer<typeof Word>;

export const wordKey = (account: string): string => `wechaty/${account}/bot`;

export async function readWord(
  store: Pick<ChannelStore, 'get'>,
  account: string,
): Promise<{ word: Word; fresh: boolean } | undefined> {
  const kept = await store.get(wordKey(account));
  if (!kept) return undefined;
  const parsed = Word.safeParse(parseJson(kept.value));
  return parsed.success ? { word: parsed.data, fresh: kept.expiresAt.getTime() > Date.now() } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function stateOf(account: string, { state, name, qrcode, reason, since }: Word): BotState {
  if (state === 'scan' && qrcode !== undefined) return { account, state, qrcode, since };
  const told = { ...(name === undefined ? {} : { name }), ...(reason === undefined ? {} : { reason }) };
  return { account, state: state === 'scan' ? 'off' : state, since, ...told };
}
