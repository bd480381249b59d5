/**
 * The platform behind the preview: the simulated phone's side, asked at its own paths (/phone/wx/…) of the same origin. Who holds the phone
 * and how the preview was opened comes from the page's address: `?openid=…&appid=…&embedded=1`.
 */

export interface Launch {
  openid: string;
  appId: string | undefined;
  /** The simulated phone shows the page in a frame of its own and draws what the platform draws over it. */
  embedded: boolean;
}
export interface PersonChoice {
  name: string;
  openid: string;
}
export interface NoticeTemplate {
  templateId: string;
  title: string;
}
type Answer = Record<string, unknown> & { errMsg?: string };

export function readLaunch(address: Location): Partial<Launch> & { embedded: boolean } {
  const query = new URLSearchParams(address.search);
  const openid = query.get('openid');
  const appId = query.get('appid') ?? query.get('appId') ?? undefined;
  return { ...(openid ? { openid } : {}), ...(appId ? { appId } : {}), embedded: query.get('embedded') === '1' };
}

export type Platform = ReturnType<typeof createPlatform>;

/** Every call rejects with an Error whose message is the platform's `errMsg`, where it gives one. */
export function createPlatform({ openid, appId, embedded }: Launch) {
  const who = { openid, ...(appId === undefined ? {} : { appId }) };
  const tell = (message: Record<string, unknown>): void => {
    if (embedded) parent.postMessage({ huike: message['huike'], ...message }, location.origin);
  };
  return {
    openid,
    embedded,
    login: () => ask('/phone/wx/logincode', who),
    phoneCode: () => ask('/phone/wx/phonecode', who),
    addPhone: (phone: string) => ask('/phone/wx/phone', { openid, phone }),
    subscribe: (answers: Array<{ templateId: string; accept: boolean }>) =>
      ask('/phone/wx/subscribe', { ...who, answers }),
    async contact(sessionFrom: string): Promise<void> {
      const answer = await ask('/phone/wx/contact', { ...who, sessionFrom });
      tell({ huike: 'contact', openid: answer['openid'] });
    },
    close: () => tell({ huike: 'close' }),
    title: (title: string) => tell({ huike: 'title', title }),
    async templates(): Promise<NoticeTemplate[]> {
      const query = appId === undefined ? '' : `?appId=${encodeURIComponent(appId)}`;
      const answer = (await read(await fetch(`/phone/wx/app${query}`))) as { templates?: NoticeTemplate[] };
      return answer.templates ?? [];
    },
  };
}

export async function people(search: string): Promise<PersonChoice[]> {
  const answer = await read(await fetch(`/phone/wx/people?search=${encodeURIComponent(search)}`));
  return (answer as { items?: PersonChoice[] }).items ?? [];
}

async function ask(path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return read(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function read(response: Response): Promise<Answer> {
  const answer = (await response.json().catch(() => ({}))) as Answer & { code?: string; detail?: string };
  if (response.ok) return answer;
  throw new Refused(answer.code ?? '', answer.errMsg ?? answer.detail ?? `fail ${String(response.status)}`);
}
