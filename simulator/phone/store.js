/** What the page knows, and its two ways to the simulator: the socket (changes in) and the actions (out). */
export const store = {
  people: [],
  accounts: [],
  codes: [],
  /** Platform time minus this computer's, ms. */
  offset: 0,
  openid: sessionStorage.getItem('phone-openid') ?? '',
  /** Which of the chats is open: that of the account, or the service notices of all accounts. */
  chat: sessionStorage.getItem('phone-chat') === 'notices' ? 'notices' : 'chat',
  typing: new Set(),
  online: false,
};

export const now = () => new Date(Date.now() + store.offset);

export const accountOf = (relation) => store.accounts.find((each) => each.appId === relation.accountId);

/** `{person, relation, account, chat}` of the chosen openid, or undefined; `chat` holds the entries of the open chat. */
export function chosen() {
  for (const person of store.people) {
    const relation = person.relations.find((each) => each.openid === store.openid);
    if (relation === undefined) continue;
    return { person, relation, account: accountOf(relation), chat: entriesOf(person, relation) };
  }
  return undefined;
}

function entriesOf(person, relation) {
  if (store.chat === 'chat') return (person.chats[relation.accountId] ?? []).filter((each) => each.route !== 'notice');
  return Object.values(person.chats)
    .flat()
    .filter((each) => each.route === 'notice')
    .sort((a, b) => a.seq - b.seq);
}

export function choose(openid, chat = 'chat') {
  Object.assign(store, { openid, chat });
  sessionStorage.setItem('phone-openid', openid);
  sessionStorage.setItem('phone-chat', chat);
  markRead();
}

/** The account whose chat is open; in the service notices every account that sent one. */
function markRead() {
  const open = chosen();
  if (open === undefined || document.hidden) return;
  const shown = new Set([open.relation.accountId, ...open.chat.map((each) => each.accountId)]);
  for (const relation of open.person.relations) {
    if (relation.unread === 0 || !shown.has(relation.accountId)) continue;
    relation.unread = 0;
    void act(relation.openid, 'read', {});
  }
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
  if (chosen()?.chat.includes(entry)) markRead();
}

const takers = {
  snapshot: ({ people, accounts, codes, now: platformNow }) => {
    Object.assign(store, { people, accounts, codes, offset: new Date(platformNow).getTime() - Date.now() });
    if (store.chat === 'notices' && chosen()?.chat.length === 0) store.chat = 'chat';
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
