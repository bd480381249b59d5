/** A member about themselves: joining, profile, phone, privacy, notices. */
import {
  ChangeMe,
  JoinBody,
  MemberMe,
  NoticesBody,
  NoticesTaken,
  PhoneBody,
  PrivacyBody,
} from '../../contracts/index.js';
import type { MemberPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

const shared = { access: 'member', limit: 'member' } as const;

export function profileRoutes(member: MemberPort): Route[] {
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/member/v1/me',
      summary: 'Profile, level, points, counter code, check-in and privacy switches',
      response: json(MemberMe),
      handle: async ({ by }) => member.me(by),
    }),
    route({
      ...shared,
      method: 'PUT',
      path: '/member/v1/me',
      summary: "Change one's profile",
      body: ChangeMe,
      response: json(MemberMe),
      handle: async ({ body, by }) => member.changeMe(body, by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/member/v1/join',
      summary: 'Join, after the privacy notice',
      body: JoinBody,
      response: json(MemberMe),
      handle: async ({ body, by }) => member.join(body, by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/member/v1/phone',
      summary: 'Give the phone number by the code of the platform’s phone button',
      body: PhoneBody,
      response: json(MemberMe),
      handle: async ({ body, by }) => member.phone(body, by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/member/v1/privacy',
      summary: 'Give or withdraw one consent',
      body: PrivacyBody,
      response: json(MemberMe),
      handle: async ({ body, by }) => member.privacy(body, by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/member/v1/notices',
      summary: 'What was answered when asked for one-time notices',
      body: NoticesBody,
      response: json(NoticesTaken),
      handle: async ({ body, by }) => member.notices(body, by),
    }),
  ];
}
