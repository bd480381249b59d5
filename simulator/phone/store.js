/** What the page knows, and its two ways to the simulator: the socket (changes in) and the actions (out). */
export const store = {
  people: [],
  accounts: [],
  codes: [],
  /** Platform time minus this computer's, ms. */
  offset: 0,
  openid: sessionStorage.getItem('phone-openid') ?? '',
  typing: new Set(),
  online: false,
};

export const now = () => new Date(Date.now() + store.offset);

/** `{person, relation, account, chat}` of the chosen openid, or undefined. */
export function chosen() {
  for (const person of store.people) {
    const relation = person.relations.find((each) => each.openid === store.openid);
    if (relation === undefined) continue;
    const account = store.accounts.find((each) => each.appId === relation.accountId);
    return { person, relation, account, chat: person.chats[relation.accountId] ?? [] };
  }
  return undefined;
}

export function choose(openid) {
  store.openid = openid;
  sessionStorage.setItem('phone-openid', openid);
  markRead();
}

function markRead() {
  const open = chosen();
  if (open === undefined || open.relation.unread === 0 || document.hidden) return;
  open.relation.unread = 0;
  void act(open.relation.openid, 'read', {});
}

/** An action of a person; answers `{ok, value}` or `{ok: false, detail}`. */
export function act(openid, action, body) {
  return call(`api/people/${encodeURIComponent(openid)}/${action}`, body);
}

export function addPerson(name) {
  return call('api/people', { name });
}

async function call(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const value = await response.json();
    return response.ok ? { ok: true, value } : { ok: false, detail: value.detail };
  } catch (error) {
    return { ok: false, detail: error.message };
  }
}

function takeMessage({ openid, entry }) {
  for (const person of store.people) {
    const relation = person.relations.find((each) => each.openid === openid);
    if (relation === undefined) continue;
    (person.chats[relation.accountId] ??= []).push(entry);
    if (entry.from === 'account') relation.unread += 1;
  }
  if (entry.from === 'account') store.typing.delete(openid);
  if (openid === store.openid) markRead();
}

const takers = {
  snapshot: ({ people, accounts, codes, now: platformNow }) => {
    Object.assign(store, { people, accounts, codes, offset: new Date(platformNow).getTime() - Date.now() });
    markRead();
  },
  message: takeMessage,
  typing: ({ openid, typing }) => void (typing ? store.typing.add(openid) : store.typing.delete(openid)),
};

/** Connects, and again after every loss; `changed` is called after each change. */
export function connect(changed, wait = 300) {
  const url = new URL('ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  let pause = wait;
  socket.addEventListener('message', (event) => {
    const message = JSON.parse(event.data);
    store.online = true;
    pause = 300;
    takers[message.type]?.(message);
    changed();
  });
  socket.addEventListener('close', () => {
    store.online = false;
    changed();
    setTimeout(() => connect(changed, Math.min(pause * 2, 5000)), pause);
  });
}

document.addEventListener('visibilitychange', markRead);
