/** What the side menu shows: every room, in order and under its heading, with the permission that opens it. */
import {
  Bell,
  Briefcase,
  Calendar,
  ChatDotRound,
  Connection,
  DataAnalysis,
  DataLine,
  Document,
  Filter,
  FullScreen,
  Key,
  MagicStick,
  Medal,
  Promotion,
  Setting,
  ShoppingCart,
  Umbrella,
  Upload,
  User,
} from '@element-plus/icons-vue';
import type { Component } from 'vue';
import type { Permission } from './api/types';

/** Headings of the menu; what is needed all day stands above them, without one. */
export const roomGroups = ['daily', 'people', 'marketing', 'service', 'system'] as const;

export interface Room {
  group: (typeof roomGroups)[number];
  name:
    | 'dashboard'
    | 'inbox'
    | 'customers'
    | 'orders'
    | 'membership'
    | 'segments'
    | 'scores'
    | 'serviceScenes'
    | 'strategies'
    | 'broadcasts'
    | 'plans'
    | 'contact'
    | 'scenes'
    | 'imports'
    | 'channels'
    | 'keys'
    | 'staff'
    | 'audit'
    | 'account';
  icon: Component;
  permission?: Permission;
}

export const rooms: readonly Room[] = [
  { name: 'dashboard', group: 'daily', icon: DataLine, permission: 'dashboard.read' },
  { name: 'inbox', group: 'daily', icon: ChatDotRound, permission: 'inbox.read' },
  { name: 'customers', group: 'people', icon: User, permission: 'customers.read' },
  { name: 'orders', group: 'people', icon: ShoppingCart, permission: 'customers.read' },
  { name: 'membership', group: 'people', icon: Medal, permission: 'membership.read' },
  { name: 'segments', group: 'people', icon: Filter, permission: 'segments.read' },
  { name: 'scores', group: 'people', icon: DataAnalysis, permission: 'segments.read' },
  { name: 'strategies', group: 'marketing', icon: MagicStick, permission: 'strategies.read' },
  { name: 'broadcasts', group: 'marketing', icon: Promotion, permission: 'broadcasts.read' },
  { name: 'plans', group: 'marketing', icon: Calendar, permission: 'broadcasts.read' },
  { name: 'contact', group: 'marketing', icon: Umbrella, permission: 'broadcasts.read' },
  { name: 'serviceScenes', group: 'service', icon: Bell, permission: 'strategies.read' },
  { name: 'scenes', group: 'service', icon: FullScreen, permission: 'scenes.read' },
  { name: 'imports', group: 'system', icon: Upload, permission: 'imports.manage' },
  { name: 'channels', group: 'system', icon: Connection, permission: 'system.read' },
  { name: 'keys', group: 'system', icon: Key, permission: 'keys.manage' },
  { name: 'staff', group: 'system', icon: Briefcase, permission: 'staff.read' },
  { name: 'audit', group: 'system', icon: Document, permission: 'audit.read' },
  { name: 'account', group: 'system', icon: Setting },
];
