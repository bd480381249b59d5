/** What a handler of the platform API is given and may answer with besides JSON. */
import type { Account, World } from './state.js';

export interface ApiCall {
  world: World;
  query: URLSearchParams;
  contentType: string;
  raw: Buffer;
  path: string;
  /** The JSON body; anything else is 47001. */
  body(): unknown;
}

export type AccountCall = ApiCall & { account: Account };

/** A handler may answer with bytes instead of JSON. */
export class Binary {
  constructor(
    readonly contentType: string,
    readonly bytes: Buffer,
    readonly status = 200,
  ) {}
}
