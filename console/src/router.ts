/** The rooms, their addresses and who may enter. */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import type { Permission } from './api/types';
import { rooms } from './rooms';
import { useSession } from './stores/session';

const pages: Record<string, Pick<RouteRecordRaw, 'path' | 'component'>> = {
  inbox: { path: 'inbox/:id?', component: () => import('./rooms/inbox/InboxPage.vue') },
  customers: { path: 'customers', component: () => import('./rooms/customers/CustomersPage.vue') },
  orders: { path: 'orders', component: () => import('./rooms/orders/OrdersPage.vue') },
  membership: { path: 'membership', component: () => import('./rooms/membership/MembershipPage.vue') },
  serviceScenes: { path: 'service-scenes', component: () => import('./rooms/service-scenes/ServiceScenesPage.vue') },
  imports: { path: 'imports', component: () => import('./rooms/imports/ImportsPage.vue') },
  keys: { path: 'keys', component: () => import('./rooms/keys/KeysPage.vue') },
  strategies: { path: 'auto-replies', component: () => import('./rooms/strategies/StrategiesPage.vue') },
  scenes: { path: 'qr-codes', component: () => import('./rooms/scenes/ScenesPage.vue') },
  channels: { path: 'channels', component: () => import('./rooms/channels/ChannelsPage.vue') },
  staff: { path: 'staff', component: () => import('./rooms/staff/StaffPage.vue') },
  audit: { path: 'audit', component: () => import('./rooms/staff/AuditPage.vue') },
  account: { path: 'account', component: () => import('./rooms/account/AccountPage.vue') },
};

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./rooms/sign-in/SignInPage.vue') },
    {
      path: '/',
      component: () => import('./layout/AppShell.vue'),
      children: [
        { path: '', name: 'home', component: { render: () => null } },
        ...Object.entries(pages).map(
          ([name, page]): RouteRecordRaw => ({ ...page, name, meta: { room: name } }) as RouteRecordRaw,
        ),
        {
          path: 'customers/proposals',
          name: 'proposals',
          component: () => import('./rooms/customers/membership/ProposalsPage.vue'),
          meta: { room: 'customers', permission: 'persons.link' },
        },
        {
          path: 'imports/:id',
          name: 'import',
          component: () => import('./rooms/imports/ImportPage.vue'),
          meta: { room: 'imports' },
        },
        {
          path: 'customers/:id',
          name: 'customer',
          component: () => import('./rooms/customers/CustomerPage.vue'),
          meta: { room: 'customers' },
        },
      ],
    },
    { path: '/:rest(.*)*', redirect: { name: 'home' } },
  ],
});

function firstRoom(): string {
  const session = useSession();
  return rooms.find((room) => !room.permission || session.can(room.permission))?.name ?? 'account';
}

router.beforeEach(async (to) => {
  const session = useSession();
  // Without an answer the sign-in page is the right place: it says why it cannot go on.
  await session.load().catch(() => undefined);
  if (to.name === 'sign-in') return session.staff ? { name: firstRoom() } : true;
  if (!session.staff) return { name: 'sign-in', query: to.name === 'home' ? {} : { to: to.fullPath } };
  if (to.name === 'home') return { name: firstRoom() };
  const room = rooms.find((one) => one.name === to.meta['room']);
  const needed = (to.meta['permission'] as Permission | undefined) ?? room?.permission;
  if (needed && !session.can(needed)) return { name: firstRoom() };
  return true;
});
