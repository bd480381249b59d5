/** Signing in from the mini-program, and the texts shown before joining. */
import { MemberLogin, MemberSession, MemberTexts } from '../../contracts/index.js';
import type { MemberPort } from '../ports.js';
import { json, nothing, route } from '../route.js';
import type { Route } from '../route.js';

export function sessionRoutes(member: MemberPort): Route[] {
  return [
    route({
      method: 'POST',
      path: '/member/v1/login',
      access: 'public',
      limit: 'memberSignIn',
      audit: null,
      summary: 'Sign in with the code of wx.login; gives a token for `Authorization: Bearer`',
      body: MemberLogin,
      response: json(MemberSession),
      handle: async ({ body, http }) => member.login(body, http.requestId),
    }),
    route({
      method: 'POST',
      path: '/member/v1/logout',
      access: 'member',
      limit: 'member',
      summary: 'Sign out',
      response: nothing,
      handle: async ({ by }) => member.logout(by),
    }),
    route({
      method: 'GET',
      path: '/member/v1/texts',
      access: 'public',
      limit: 'member',
      summary: 'Privacy notice, consent texts and notices as they are now, with their versions',
      response: json(MemberTexts),
      handle: async () => member.texts(),
    }),
  ];
}
