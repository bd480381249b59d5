/** Every shape that crosses a border. Imports zod only. */
export * from './address.js';
export * from './content.js';
export * from './message.js';
export * from './inbound.js';
export * from './channel.js';
export * from './events.js';
export * from './strategy.js';
export * from './commerce.js';
export * from './membership.js';
export * from './due.js';
export * from './http/problem.js';
export * from './http/console.js';
export * from './http/console-membership.js';
export * from './http/open.js';
export * from './http/member.js';
