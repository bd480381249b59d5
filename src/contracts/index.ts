/** Every shape that crosses a border. Imports zod only. */
export * from './address.js';
export * from './content.js';
export * from './message.js';
export * from './inbound.js';
export * from './channel.js';
export * from './events.js';
export * from './strategy.js';
export * from './http/problem.js';
export * from './http/console.js';
