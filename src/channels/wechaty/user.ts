/**
 * How a person of wechaty is written as the user of an address. In private: the contact's id. In a group: `<group>/<contact>`, so that an answer
 * goes back to the group and names the person it is for, and nothing said in private ever gets into a group. Both belong to one
 * person: `profiles` tells the same union id for them. Pure.
 */
export interface BotUser {
  contactId: string;
  roomId?: string;
}

const escaped = (id: string): string => id.replace(/[%/]/g, encodeURIComponent);

export function writeUser({ contactId, roomId }: BotUser): string {
  return roomId === undefined ? escaped(contactId) : `${escaped(roomId)}/${escaped(contactId)}`;
}

/** Undefined when it is no user that `writeUser` wrote. */
export function readUser(user: string): BotUser | undefined {
  const parts = user.split('/').map(unescaped);
  const [first, second] = parts;
  if (!first || parts.length > 2 || parts.includes(undefined)) return undefined;
  if (parts.length === 1) return { contactId: first };
  return second ? { roomId: first, contactId: second } : undefined;
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What marks both addresses of one contact as one person. Contacts are known by account, so the account is part of it. */
export const unionOf = (account: string, { contactId }: BotUser): string => `wechaty:${account}:${contactId}`;
