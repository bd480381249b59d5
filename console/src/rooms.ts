/** What the side menu shows: every room, in order, with the permission that opens it. */
import {
  Bell,
  Briefcase,
  ChatDotRound,
  Connection,
  Document,
  FullScreen,
  Key,
  MagicStick,
  Medal,
  Setting,
  ShoppingCart,
  Upload,
  User,
} from '@element-plus/icons-vue';
import type { Component } from 'vue';
import type { Permission } from './api/types';

export interface Room {
  name:
    | 'inbox'
    | 'customers'
    | 'orders'
    | 'membership'
    | 'serviceScenes'
    | 'strategies'
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
  { name: 'inbox', icon: ChatDotRound, permission: 'inbox.read' },
  { name: 'customers', icon: User, permission: 'customers.read' },
  { name: 'orders', icon: ShoppingCart, permission: 'customers.read' },
  { name: 'membership', icon: Medal, permission: 'membership.read' },
  { name: 'serviceScenes', icon: Bell, permission: 'strategies.read' },
  { name: 'strategies', icon: MagicStick, permission: 'strategies.read' },
  { name: 'scenes', icon: FullScreen, permission: 'scenes.read' },
  { name: 'imports', icon: Upload, permission: 'imports.manage' },
  { name: 'channels', icon: Connection, permission: 'system.read' },
  { name: 'keys', icon: Key, permission: 'keys.manage' },
  { name: 'staff', icon: Briefcase, permission: 'staff.read' },
  { name: 'audit', icon: Document, permission: 'audit.read' },
  { name: 'account', icon: Setting },
];
