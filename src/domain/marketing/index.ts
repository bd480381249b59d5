/** Strategies and scene codes. */
export { marketingModels } from './models.js';
export type { MarketingModels, SceneRecord, StrategyRecord } from './models.js';
export { createStrategies } from './strategies.js';
export type { RuleBook, Strategies } from './strategies.js';
export { createSenders } from './senders.js';
export type { Senders } from './senders.js';
export { createScenes } from './scenes.js';
export type { Scenes } from './scenes.js';
