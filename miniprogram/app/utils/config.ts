/** Where the shop's server is. Set `apiBase` here, or as `ext.apiBase` in ext.json where one source serves several shops. */

export interface Settings {
  /** The server's origin, without a slash at the end; it must be among the mini-program's request domains. */
  apiBase: string;
  /** The mini-program's id in the server's settings, where it has several; empty otherwise. */
  account: string;
}

const defaults: Settings = { apiBase: 'https://member.example.com', account: '' };

export function settings(): Settings {
  const given = (wx.getExtConfigSync?.() ?? {}) as Partial<Settings>;
  return { apiBase: given.apiBase || defaults.apiBase, account: given.account || defaults.account };
}

/** Longest wait for an answer, in milliseconds; after `slowAfter` the page says that it is still waiting. */
export const patience = { timeout: 15_000, slowAfter: 3_000 };
