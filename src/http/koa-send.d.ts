/** The part of koa-send that is used; the package brings no types. */
declare module 'koa-send' {
  import type { ServerResponse } from 'node:http';

  const send: (
    ctx: unknown,
    path: string,
    options: { root: string; setHeaders?: (res: ServerResponse, path: string) => void },
  ) => Promise<string>;
  export = send;
}
