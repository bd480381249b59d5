/**
 * What shops report: orders, products, behaviour. Every function that writes does so inside the caller's transaction, keeps the
 * customer's figures in it, and returns the events it caused. What an order earns is membership's; who a report is about was
 * resolved before. Must not send.
 */
import { createBehaviours } from './behaviour.js';
import type { BehaviourOptions } from './behaviour.js';
import { createCommerceCheck } from './check.js';
import { factsOf } from './facts.js';
import type { CommerceModels } from './models.js';
import { createOrders } from './orders.js';
import type { OrderOptions } from './orders.js';
import { createProducts } from './products.js';
import { createOrderReads } from './reads.js';

export { commerceModels } from './models.js';
export type {
  BehaviourDayRecord,
  BehaviourRecord,
  CommerceModels,
  Counted,
  OrderRecord,
  ProductRecord,
} from './models.js';
export { factsOf } from './facts.js';
export { behaviourProblems, commerceProblemCodes, orderProblems } from './refusals.js';
export type { CommerceProblem, CommerceProblemCode } from './refusals.js';
export type { AddedHistory, OrderReport, Reported } from './orders.js';
export type { Recorded } from './behaviour.js';
export type { ProductPage } from './products.js';
export type { OrderPage, OrderTotals, OrdersAsked } from './reads.js';
export type { FiguresOf } from './check.js';
export { createPurchases } from './purchases.js';
export type { BehaviourCount, Purchase, Purchases } from './purchases.js';
export { countedAsOf } from './as-of.js';
export type { DatedOrder } from './as-of.js';

export type CommerceOptions = OrderOptions & BehaviourOptions;
export type Commerce = ReturnType<typeof createCommerce>;

export function createCommerce(models: CommerceModels, options: CommerceOptions) {
  return {
    ...createOrders(models, options),
    ...createBehaviours(models, options),
    ...createProducts(models),
    ...createOrderReads(models),
    check: createCommerceCheck(models, options),
    factsOf,
  };
}
