/** The mock's data and answers. State lives in memory and changes as a person would expect. */
import { membership } from './membership.mjs';
const now = Date.now();
const ago = (minutes) => new Date(now - minutes * 60_000).toISOString();
const ahead = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
let sequence = 1000;
const id = (n = (sequence += 1)) => n.toString(16).padStart(24, '0');
const listeners = new Set();
export const onEvent = (listener) => (listeners.add(listener), () => listeners.delete(listener));
const emit = (kind, conversation, data = {}) =>
  listeners.forEach((listener) =>
    listener({
      id: id(),
      kind,
      at: new Date().toISOString(),
      customerId: conversation?.customerId ?? null,
      conversationId: conversation?.id ?? null,
      data,
    }),
  );

const staff = [
  ['admin', '周敏', 'admin'],
  ['lina', '李娜', 'agent'],
  ['chen', '陈晨', 'agent'],
  ['wang', '王芳', 'marketer'],
  ['zhao', '赵强', 'manager'],
].map(([account, name, role], n) => ({
  id: id(n + 1),
  account,
  name,
  role,
  disabled: account === 'chen',
  createdAt: ago(90_000),
  lastSignInAt: n === 3 ? null : ago(60 * (n + 1)),
}));
const all = [
  'inbox.read',
  'inbox.reply',
  'inbox.assign',
  'customers.read',
  'customers.edit',
  'strategies.read',
  'strategies.edit',
  'scenes.read',
  'scenes.edit',
  'membership.read',
  'membership.edit',
  'points.adjust',
  'vouchers.grant',
  'persons.link',
  'imports.manage',
  'keys.manage',
  'staff.read',
  'staff.manage',
  'audit.read',
  'system.read',
];
const me = staff[0];
let session = null;

const people = [
  ['林小雨', '请问这款保温杯还有奶白色吗？想送妈妈', 0, 4, true],
  ['张伟', '[图片]', 1, 12, true],
  ['陈静怡', '收到了，谢谢！杯子很好看', 0, 26, true],
  ['老王家的猫', '什么时候能发货？', 3, 47, true],
  ['Sophie Zhang', 'Do you ship to Hong Kong?', 2, 95, true],
  ['刘洋', '好的，我等你们通知', 0, 180, true],
  ['小太阳☀️', '杯盖漏水了，可以换吗', 1, 300, false],
  ['吴桂芳', '[位置]', 0, 1500, true],
];
const conversations = people.map(([customerName, preview, unread, minutes, following], n) => ({
  id: id(100 + n),
  customerId: id(200 + n),
  customerName,
  channel: { 3: 'wechaty', 4: 'mini-program' }[n] ?? 'official-account',
  account: 'shop',
  status: n === 7 ? 'closed' : 'open',
  assignee: [0, 1, 3, 4].includes(n)
    ? null
    : n === 5
      ? { id: staff[1].id, name: staff[1].name }
      : { id: me.id, name: me.name },
  unread,
  waitingSince: unread || n === 0 ? ago(minutes) : null,
  lastMessageAt: ago(minutes),
  preview,
  followUp: ['none', 'none', 'waiting', 'none', 'none', 'serving', 'serving', 'done'][n],
  following,
  window:
    n === 3
      ? { open: false, left: 0, endsAt: null }
      : n === 6
        ? { open: false, left: 0, endsAt: ago(30) }
        : n === 1
          ? { open: true, left: 1, endsAt: ahead(14) }
          : { open: true, left: 4, endsAt: ahead(47 * 60 - n * 300) },
  metered: n !== 3,
  epoch: 1,
  replyKinds: n === 3 ? ['text', 'image', 'file'] : ['text', 'image'],
}));
const author = {
  customer: (c) => ({ kind: 'customer', id: null, name: c.customerName }),
  staff: { kind: 'staff', id: me.id, name: me.name },
  automation: { kind: 'automation', id: null, name: '欢迎语' },
};
const text = (words) => ({ type: 'text', text: words });
const message = (c, direction, who, content, minutes, state, more = {}) => ({
  id: id(),
  conversationId: c.id,
  direction,
  author: who,
  content,
  at: ago(minutes),
  state,
  reason: null,
  route: null,
  receipt: null,
  ...more,
});
const files = (c) => [
  message(
    c,
    'in',
    author.customer(c),
    { type: 'file', name: '公司采购清单 2026 秋.xlsx', size: 48_213, media: { id: 'c'.repeat(64) } },
    50,
    'received',
  ),
  message(
    c,
    'in',
    author.customer(c),
    { type: 'file', name: '现场照片（原图）.zip', media: { platformId: 'x' } },
    49,
    'received',
  ),
  message(
    c,
    'out',
    author.staff,
    { type: 'file', name: '报价单.pdf', size: 3_400_000, media: { id: 'd'.repeat(64) } },
    48,
    'sent',
  ),
];
const messages = new Map(
  conversations.map((c) => [
    c.id,
    [
      ...Array.from({ length: 60 }, (_, n) =>
        message(
          c,
          n % 3 ? 'in' : 'out',
          n % 3 ? author.customer(c) : author.staff,
          text(`以前的聊天第 ${n + 1} 句`),
          40_000 - n * 30,
          n % 3 ? 'received' : 'sent',
        ),
      ),
      message(
        c,
        'out',
        author.automation,
        {
          type: 'menu',
          head: '您好，欢迎来到暖杯家！想了解什么？',
          entries: [
            { id: '1', text: '新品与颜色' },
            { id: '2', text: '物流查询' },
            { id: '3', text: '人工客服' },
          ],
          tail: '也可以直接打字',
        },
        1500,
        'sent',
      ),
      message(c, 'in', author.customer(c), { type: 'image', media: { id: 'a'.repeat(64) } }, 1490, 'received'),
      message(c, 'in', author.customer(c), { type: 'image', media: { platformId: 'x' } }, 1489, 'received'),
      message(
        c,
        'in',
        author.customer(c),
        { type: 'location', latitude: 31.2304, longitude: 121.4737, label: '上海市黄浦区人民广场' },
        1480,
        'received',
      ),
      message(
        c,
        'in',
        author.customer(c),
        { type: 'link', title: '奶白色保温杯 500ml', description: '暖杯家旗舰店', url: 'https://shop.example/p/12' },
        200,
        'received',
      ),
      message(c, 'out', author.staff, text('这款就是 316 不锈钢内胆，保温 12 小时。'), 120, 'sent', {
        receipt: 'delivered',
      }),
      message(c, 'note', author.staff, text('老客户，去年买过两只，喜欢浅色。'), 110, 'note'),
      message(c, 'out', author.staff, text('现在下单今天可以发。'), 100, 'refused', { reason: 'window.closed' }),
      message(c, 'out', author.staff, text('稍后给您发实拍图。'), 90, 'unknown', { reason: 'platform.timeout' }),
      message(c, 'out', author.automation, text('我们的营业时间是 9:00 至 21:00，上班后马上回复您。'), 80, 'skipped', {
        reason: 'conversation.takenOver',
      }),
      message(c, 'in', author.customer(c), { type: 'unknown', platformType: 'shortvideo' }, 60, 'received'),
      ...(c.replyKinds.includes('file') ? files(c) : []),
      message(c, 'in', author.customer(c), text(c.preview.startsWith('[') ? '在吗？' : c.preview), 4, 'received'),
    ],
  ]),
);
const customers = conversations.map((c, n) => ({
  id: c.customerId,
  name: c.customerName,
  nickname: c.customerName,
  remark: n === 0 ? '林女士（上海）' : null,
  createdAt: ago(60_000),
  lastSeenAt: c.lastMessageAt,
  followUp: c.followUp,
  followUpNote: n === 2 ? '已寄奶白色，周五回访' : null,
  identities: [
    {
      channel: c.channel,
      account: 'shop',
      user: 'oX3f…91Kd',
      unionid: null,
      following: c.following,
      followedAt: ago(50_000),
      scene: 'parcel-card',
    },
  ],
  conversationIds: [c.id],
}));
const timeline = (c) =>
  [
    ['message.received', { content: text('请问还有奶白色吗？') }],
    ['message.refused', { reason: 'window.closed' }],
    ['note.added', { content: text('喜欢浅色') }],
    ['followUp.changed', { followUp: 'waiting', note: '周五回访' }],
    ['conversation.assigned', { staffName: '周敏' }],
    ['menu.tapped', { key: '物流查询' }],
    ['message.sent', {}],
    ['identity.followed', { scene: '包裹卡' }],
    ['scene.scanned', { scene: 'parcel-card' }],
    ['customer.created', {}],
  ].map(([kind, data], n) => ({ id: id(), kind, at: ago(5 + n * 200), conversationId: c, data }));
const strategies = [
  ['welcome', '关注欢迎语', 'Welcome', 'follow', { scenes: [] }],
  ['welcome-parcel', '包裹卡欢迎语', 'Parcel card welcome', 'follow', { scenes: ['parcel-card'] }],
  ['logistics', '物流关键词', 'Delivery keyword', 'keyword', { keywords: ['物流', '快递', '发货'], match: 'contains' }],
  [
    'closed-hours',
    '非营业时间',
    'Outside hours',
    'outside-hours',
    {
      hours: [
        { days: [1, 2, 3, 4, 5], from: '09:00', to: '21:00' },
        { days: [6, 7], from: '10:00', to: '18:00' },
      ],
      repeatAfterHours: 6,
    },
  ],
].map(([code, zh, en, trigger, args], n) => ({
  code,
  version: n + 1,
  enabled: n !== 1,
  title: { 'zh-CN': zh, en },
  metric: 'replies',
  group: trigger,
  priority: 10 * n,
  trigger: { code: trigger, args },
  actions: [
    {
      code: 'reply',
      args: {
        content: n
          ? text('您好，您的包裹一般 48 小时内发出，单号会自动推送给您。')
          : {
              type: 'menu',
              head: '欢迎来到暖杯家！',
              entries: [
                { id: '1', text: '看新品' },
                { id: '2', text: '找客服' },
              ],
            },
      },
    },
  ],
  changedAt: ago(3000 * (n + 1)),
}));
const scenes = [
  ['parcel-card', '包裹卡', 182, 41],
  ['store-xujiahui', '徐家汇门店收银台', 96, 12],
  ['poster-618', '夏季海报', 33, 2],
].map(([scene, name, follows, scans], n) => ({
  id: id(300 + n),
  account: 'shop',
  scene,
  name,
  follows,
  scans,
  imageUrl: '',
  createdAt: ago(9000),
}));
const tokens = [{ id: id(400), name: '每日导出', createdAt: ago(9000), expiresAt: ahead(80_000), lastUsedAt: ago(30) }];
const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><rect width="400" height="400" fill="#eee4d4"/><circle cx="200" cy="190" r="90" fill="#c98"/><text x="200" y="340" text-anchor="middle" font-size="28">photo</text></svg>';

const ok = (body, status = 200) => ({ status, body });
const refuse = (status, code, detail, headers = {}) => ({
  status,
  headers,
  body: { type: 'about:blank', title: code, status, code, detail, requestId: 'mock' },
});
const page = (items, cursor = null) => ok({ items, nextCursor: cursor });
const boxOf = (c) =>
  c.status === 'closed' ? 'closed' : !c.assignee ? 'unassigned' : c.assignee.id === me.id ? 'mine' : 'others';
const bare = ({ window: _w, epoch: _e, metered: _m, replyKinds: _k, ...summary }) => summary;
let failures = 0;

function signIn({ account, password, captcha }) {
  if (account === 'locked') return refuse(423, 'session.locked', 'locked', { 'Retry-After': '840' });
  if (password !== 'huike-demo')
    return (failures += 1) > 2 && !captcha
      ? refuse(401, 'session.captchaRequired', 'captcha')
      : refuse(401, 'session.wrongCredentials', 'wrong');
  session = {
    staff: me,
    permissions: all,
    csrfToken: 'mock',
    expiresAt: ahead(600),
    now: ago(0),
    promotionStopped: false,
  };
  return ok(session);
}

function push(c, made, kind) {
  messages.get(c.id).push(made);
  Object.assign(c, {
    lastMessageAt: made.at,
    preview: made.content.text ?? '[图片]',
    waitingSince: made.direction === 'in' ? made.at : null,
  });
  setTimeout(() => emit(kind, c), 30);
  return made;
}

function reply(c, body) {
  if (c.metered && !c.window.open) return refuse(409, 'window.closed', 'closed');
  if (c.assignee && c.assignee.id !== me.id) return refuse(409, 'conversation.notYours', 'not yours');
  const { mediaId, ...said } = body.content;
  if (!c.replyKinds.includes(said.type)) return refuse(409, 'content.notForRoute', 'no files here');
  const content = mediaId ? { ...said, media: { id: mediaId } } : said;
  const made = push(
    c,
    { ...message(c, 'out', author.staff, content, 0, 'pending'), at: new Date().toISOString() },
    'message.queued',
  );
  c.window.left -= 1;
  setTimeout(() => (Object.assign(made, { state: 'sent' }), emit('message.sent', c)), 700);
  setTimeout(
    () => (
      push(
        c,
        { ...message(c, 'in', author.customer(c), text('好的，谢谢～'), 0, 'received'), at: new Date().toISOString() },
        'message.received',
      ),
      (c.unread += 1)
    ),
    2500,
  );
  return ok({ ...made }, 202);
}

const steps = {
  claim: (c) =>
    c.id === id(104)
      ? ((c.assignee = { id: staff[1].id, name: staff[1].name }), refuse(409, 'conversation.alreadyClaimed', '李娜'))
      : ((c.assignee = { id: me.id, name: me.name }), ok(c)),
  release: (c) => ((c.assignee = null), ok(c)),
  close: (c) => ((c.status = 'closed'), ok(c)),
  read: (c) => ((c.unread = 0), ok(c)),
  assign: (c, body) => ((c.assignee = staff.find((one) => one.id === body.staffId)), ok(c)),
  replies: reply,
  notes: (c, body) =>
    ok(
      push(
        c,
        { ...message(c, 'note', author.staff, text(body.text), 0, 'note'), at: new Date().toISOString() },
        'note.added',
      ),
      201,
    ),
  'follow-up': (c, body) => (
    (c.followUp = body.followUp),
    Object.assign(
      customers.find((one) => one.id === c.customerId),
      { followUp: body.followUp, followUpNote: body.note ?? null },
    ),
    ok(c)
  ),
};

function conversation(method, [key, step], query, body) {
  if (!key)
    return page(
      conversations
        .filter(
          (c) =>
            boxOf(c) === query.get('box') && (!query.get('search') || c.customerName.includes(query.get('search'))),
        )
        .sort((a, b) => b.lastMessageAt.localeCompare(a.lastMessageAt))
        .map(bare),
    );
  if (key === 'counts')
    return ok(
      Object.fromEntries(
        ['unassigned', 'mine', 'others', 'waiting'].map((box) => [
          box,
          conversations.filter((c) => boxOf(c) === box).length,
        ]),
      ),
    );
  const c = conversations.find((one) => one.id === key);
  if (!c) return refuse(404, 'conversation.notFound', 'none');
  if (method === 'GET' && step === 'messages') {
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit'));
    const newest = [...messages.get(c.id)].reverse();
    return page(newest.slice(from, from + limit), from + limit < newest.length ? String(from + limit) : null);
  }
  if (method === 'GET') return ok(c);
  const result = steps[step](c, body);
  setTimeout(() => emit(`conversation.${step}`, c), 20);
  return result;
}

function add(list, made) {
  list.push(made);
  return ok(made, 201);
}

export function answer(method, path, query, body) {
  const [room, ...rest] = path.split('/');
  if (room === 'session' && method === 'POST') return signIn(body);
  if (room === 'captcha')
    return ok({
      id: 'c',
      svg: '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><text x="14" y="30" font-size="28" fill="#367">7kQ4</text></svg>',
      expiresAt: ahead(5),
    });
  if (!session) return refuse(401, 'session.missing', 'sign in');
  if (room === 'session') return method === 'DELETE' ? ((session = null), { status: 204 }) : ok(session);
  if (room === 'conversations') return conversation(method, rest, query, body);
  if (room === 'media')
    return method === 'POST'
      ? ok({ mediaId: 'b'.repeat(64), mimeType: 'image/png', bytes: 1 }, 201)
      : { status: 200, type: 'image/svg+xml', body: picture };
  if (room === 'customers' && !rest[0])
    return page(
      customers
        .filter((one) => one.name.includes(query.get('search') ?? ''))
        .map((one) => ({ ...one, following: one.identities[0].following, channel: one.identities[0].channel })),
    );
  const told = membership(method, [room, ...rest], body);
  if (told) return told;
  if (room === 'customers' && rest[1] === 'timeline')
    return page(timeline(id(100)), query.get('cursor') ? null : 'more');
  if (room === 'customers')
    return ok(
      Object.assign(
        customers.find((one) => one.id === rest[0]),
        method === 'PATCH'
          ? { remark: body.remark, name: body.remark ?? customers.find((one) => one.id === rest[0]).nickname }
          : {},
      ),
    );
  if (room === 'strategies' && method === 'PUT') {
    const found = strategies.find((one) => one.code === rest[0]);
    const next = {
      ...found,
      ...body,
      code: rest[0],
      version: (found?.version ?? 0) + 1,
      metric: 'replies',
      group: body.trigger.code,
      changedAt: new Date().toISOString(),
    };
    return found ? ok(Object.assign(found, next)) : add(strategies, next);
  }
  if (room === 'strategies') return page(strategies);
  if (room === 'scenes' && rest[1] === 'image') return { status: 200, type: 'image/svg+xml', body: picture };
  if (room === 'scenes')
    return method === 'POST'
      ? add(scenes, { id: id(), follows: 0, scans: 0, imageUrl: '', createdAt: ago(0), ...body })
      : page(scenes);
  if (room === 'channels')
    return page([
      {
        channel: 'official-account',
        account: 'shop',
        state: 'ok',
        reason: null,
        webhookUrl: 'https://crm.example.com/webhooks/official-account/shop',
      },
      {
        channel: 'mini-program',
        account: 'mall',
        state: 'failing',
        reason: 'platform.wrongSecret',
        webhookUrl: 'https://crm.example.com/webhooks/mini-program/mall',
      },
    ]);
  if (room === 'staff' && method === 'POST' && !rest[0])
    return add(staff, {
      ...body,
      password: undefined,
      id: id(),
      disabled: false,
      createdAt: ago(0),
      lastSignInAt: null,
    });
  if (room === 'staff' && method === 'PATCH')
    return ok(
      Object.assign(
        staff.find((one) => one.id === rest[0]),
        body,
      ),
    );
  if (room === 'staff') return method === 'POST' ? { status: 204 } : page(staff);
  if (room === 'audit')
    return page(
      ['session.signIn', 'conversation.claim', 'strategy.put', 'staff.add', 'session.signIn'].map((action, n) => ({
        id: id(),
        at: ago(n * 40),
        staffId: n === 4 ? null : me.id,
        staffName: n === 4 ? null : me.name,
        action,
        subject: n === 2 ? 'welcome' : null,
        address: '10.0.0.8',
        outcome: n === 4 ? 'refused' : 'done',
      })),
    );
  if (room === 'tokens' && method === 'POST')
    return add(tokens, {
      id: id(),
      name: body.name,
      createdAt: ago(0),
      expiresAt: ahead(body.expiresInDays * 1440),
      lastUsedAt: null,
      token: 'hk_pat_4f9c2e7d81ab4c0f9e52d7a63b18',
    });
  if (room === 'tokens' && method === 'DELETE')
    return (
      tokens.splice(
        tokens.findIndex((one) => one.id === rest[0]),
        1,
      ),
      { status: 204 }
    );
  if (room === 'tokens') return page(tokens);
  if (room === 'password') return body.current === 'wrong' ? refuse(403, 'password.wrong', 'wrong') : { status: 204 };
  return refuse(404, 'notFound', path);
}
