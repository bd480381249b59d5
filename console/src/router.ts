/** The rooms, their addresses and who may enter. */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import type { Permission } from './api/types';
import { rooms } from './rooms';
import { useSession } from './stores/session';

const pages: Record<string, Pick<RouteRecordRaw, 'path' | 'component'>> = {
  dashboard: { path: 'today', component: () => import('./rooms/dashboard/DashboardPage.vue') },
  inbox: { path: 'inbox/:id?', component: () => import('./rooms/inbox/InboxPage.vue') },
  customers: { path: 'customers', component: () => import('./rooms/customers/CustomersPage.vue') },
  orders: { path: 'orders', component: () => import('./rooms/orders/OrdersPage.vue') },
  membership: { path: 'membership', component: () => import('./rooms/membership/MembershipPage.vue') },
  segments: { path: 'segments', component: () => import('./rooms/segments/SegmentsPage.vue') },
  scores: { path: 'scores', component: () => import('./rooms/scores/ScoresPage.vue') },
  serviceScenes: { path: 'service-scenes', component: () => import('./rooms/service-scenes/ServiceScenesPage.vue') },
  imports: { path: 'imports', component: () => import('./rooms/imports/ImportsPage.vue') },
  keys: { path: 'keys', component: () => import('./rooms/keys/KeysPage.vue') },
  strategies: { path: 'auto-replies', component: () => import('./rooms/strategies/StrategiesPage.vue') },
  broadcasts: { path: 'broadcasts', component: () => import('./rooms/broadcasts/BroadcastsPage.vue') },
  plans: { path: 'plans', component: () => import('./rooms/plans/PlansPage.vue') },
  contact: { path: 'contact', component: () => import('./rooms/contact/ContactPage.vue') },
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
          path: 'segments/:id',
          name: 'segment',
          component: () => import('./rooms/segments/SegmentPage.vue'),
          meta: { room: 'segments' },
        },
        {
          path: 'lists/:id',
          name: 'list',
          component: () => import('./rooms/lists/ListPage.vue'),
          meta: { room: 'segments' },
        },
        {
          path: 'customers/fields',
          name: 'custom-fields',
          component: () => import('./rooms/customers/fields/CustomFieldsPage.vue'),
          meta: { room: 'customers', permission: 'segments.edit' },
        },
        {
          path: 'broadcasts/:id',
          name: 'broadcast',
          component: () => import('./rooms/broadcasts/BroadcastPage.vue'),
          meta: { room: 'broadcasts' },
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
