/** What the platform tells about people (docs/wechat.md 2.2): one, up to 100, and the list of followers. */
import type { AccountCall } from './call.js';
import { objectOf } from './checks.js';
import { PlatformError } from './errors.js';
import { unionidAt } from './registry.js';
import { relationOf, type Account, type Relation, type World } from './state.js';

const PAGE = 10_000;

/** GET /cgi-bin/user/info. */
export function getUser({ world, account, query }: AccountCall): unknown {
  return infoOf(world, account, { openid: query.get('openid'), lang: query.get('lang') ?? 'zh_CN' });
}

/** POST /cgi-bin/user/info/batchget, at most 100 people. */
export function batchGetUsers({ world, account, body }: AccountCall): unknown {
  const list = objectOf(body())['user_list'];
  if (!Array.isArray(list) || list.length === 0) throw new PlatformError(40031);
  if (list.length > 100) throw new PlatformError(40032);
  const entries = list.map((item) => objectOf(item));
  return {
    user_info_list: entries.map((item) => {
      const lang = typeof item['lang'] === 'string' ? item['lang'] : 'zh_CN';
      return infoOf(world, account, { openid: item['openid'], lang });
    }),
  };
}

/** GET /cgi-bin/user/get: followers in the order of their first follow, 10,000 a page. */
export function listFollowers({ world, account, query }: AccountCall): unknown {
  const all = [...world.byOpenid.values()]
    .filter((relation) => relation.appId === account.appId && relation.subscribed)
    .sort((a, b) => a.subscribedAt - b.subscribedAt)
    .map((relation) => relation.openid);
  const after = query.get('next_openid') ?? '';
  const start = after === '' ? 0 : all.indexOf(after) + 1;
  if (after !== '' && start === 0) throw new PlatformError(40003);
  const page = all.slice(start, start + PAGE);
  const counted = { total: all.length, count: page.length };
  if (page.length === 0) return { ...counted, next_openid: '' };
  return { ...counted, data: { openid: page }, next_openid: page.at(-1) };
}

function infoOf(world: World, account: Account, input: { openid: unknown; lang: string }): unknown {
  const relation = relationOf(world, account.appId, input.openid);
  if (relation === undefined) throw new PlatformError(40003);
  const unionid = unionidAt(world.people.get(relation.personId), account);
  const known = { openid: relation.openid, ...(unionid === undefined ? {} : { unionid }) };
  if (!relation.subscribed) return { subscribe: 0, ...known };
  return { subscribe: 1, ...known, ...followerInfo(relation, input.lang) };
}

/** Name, picture, sex and region are still fields, but the platform leaves them empty (docs/wechat.md 2.2). */
function followerInfo(relation: Relation, language: string) {
  const number = /^[1-9][0-9]{0,9}$/.test(relation.scene) ? Number(relation.scene) : 0;
  return {
    nickname: '',
    sex: 0,
    city: '',
    province: '',
    country: '',
    headimgurl: '',
    language,
    subscribe_time: Math.floor(relation.subscribedAt / 1000),
    remark: relation.remark,
    groupid: 0,
    tagid_list: [],
    subscribe_scene: relation.subscribeScene,
    qr_scene: number,
    qr_scene_str: number === 0 ? relation.scene : '',
  };
}
