/** What the side menu shows: every room, in order, with the permission that opens it. */
import {
  Briefcase,
  ChatDotRound,
  Connection,
  Document,
  FullScreen,
  MagicStick,
  Setting,
  User,
} from '@element-plus/icons-vue';
import type { Component } from 'vue';
import type { Permission } from './api/types';

export interface Room {
  name: 'inbox' | 'customers' | 'strategies' | 'scenes' | 'channels' | 'staff' | 'audit' | 'account';
  icon: Component;
  permission?: Permission;
}

export const rooms: readonly Room[] = [
  { name: 'inbox', icon: ChatDotRound, permission: 'inbox.read' },
  { name: 'customers', icon: User, permission: 'customers.read' },
  { name: 'strategies', icon: MagicStick, permission: 'strategies.read' },
  { name: 'scenes', icon: FullScreen, permission: 'scenes.read' },
  { name: 'channels', icon: Connection, permission: 'system.read' },
  { name: 'staff', icon: Briefcase, permission: 'staff.read' },
  { name: 'audit', icon: Document, permission: 'audit.read' },
  { name: 'account', icon: Setting },
];
