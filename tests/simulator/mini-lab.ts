/** A lab with a mini-program beside the official account and one person known to both: Ann, `m-1` and `o-1`. */
import { account, mini, startLab, type Result } from './lab.js';
import type { SimulatorOptions } from '../../simulator/main.js';

export async function startMiniLab(options: SimulatorOptions = {}) {
  const lab = await startLab(options);
  let token = '';
  const miniApi = (path: string, body?: unknown): Promise<Result> => lab.apiAs(token, path, body);
  const act = async (action: string, body: unknown = {}) => (await lab.post(`/people/m-1/${action}`, body)).body;
  return Object.assign(lab, {
    /** Everything anew; `extra` changes the registration of the mini-program. */
    again: async (extra: Record<string, unknown> = {}) => {
      await lab.post('/reset');
      lab.received.splice(0);
      lab.reply = (_received, response) => void response.end('success');
      await lab.register();
      await lab.post('/accounts', { ...mini, callbackUrl: lab.callbackUrl, ...extra });
      await lab.post('/people', {
        name: 'Ann',
        unionid: 'u-1',
        phone: '13800138000',
        openids: { [mini.appId]: 'm-1', [account.appId]: 'o-1' },
      });
      await lab.renewToken();
      token = await lab.getToken(mini);
    },
    renewMiniToken: async () => (token = await lab.getToken(mini)),
    miniApi,
    miniCode: async (path: string, body?: unknown) => (await miniApi(path, body)).body['errcode'],
    act,
    loginCode: async () => String((await act('logincode', { appId: mini.appId }))['code']),
    session: (code: string, extra: Record<string, string> = {}) => {
      const query = {
        appid: mini.appId,
        secret: mini.secret,
        js_code: code,
        grant_type: 'authorization_code',
        ...extra,
      };
      return lab.send(`${lab.simulator.apiBase}/sns/jscode2session?${new URLSearchParams(query).toString()}`);
    },
    /** The JSON of the last push. */
    pushed: () => JSON.parse(lab.received.at(-1)?.body ?? '{}') as Record<string, unknown>,
    /** Every push of the mini-program: it writes JSON, the official account XML. */
    events: () =>
      lab.received
        .filter((each) => each.body.startsWith('{'))
        .map((each) => JSON.parse(each.body) as Record<string, unknown>),
  });
}

export type MiniLab = Awaited<ReturnType<typeof startMiniLab>>;
