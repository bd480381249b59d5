/**
 * Names of people who wrote, left by the process that runs the bot and taken once by the one that asks for profiles. The same union id for
 * a contact's private and group addresses makes them one person.
 */
import { z } from 'zod';
import type { ChannelStore, PlatformProfile } from '../../contracts/index.js';
import { readUser, unionOf } from './user.js';

const Left = z.object({ nickname: z.string() });
const KEPT_MS = 7 * 86_400_000;
const keyOf = (account: string, user: string): string => `wechaty/${account}/profile/${user}`;

export async function leaveProfile(
  store: ChannelStore,
  account: string,
  user: string,
  nickname: string,
): Promise<void> {
  await store.put(keyOf(account, user), JSON.stringify({ nickname }), new Date(Date.now() + KEPT_MS));
}

/** Those that were left; a name that was taken is not kept here any longer. */
export async function takeProfiles(
  store: ChannelStore,
  account: string,
  users: readonly string[],
): Promise<PlatformProfile[]> {
  const taken: PlatformProfile[] = [];
  for (const user of users) {
    const read = readUser(user);
    if (!read) continue;
    const left = await store.get(keyOf(account, user));
    const parsed = left && Left.safeParse(JSON.parse(left.value));
    const named = parsed?.success && parsed.data.nickname ? { nickname: parsed.data.nickname } : {};
    taken.push({ user, following: true, unionid: unionOf(account, read), ...named });
    if (left) await store.remove(keyOf(account, user));
  }
  return taken;
}
