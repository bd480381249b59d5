/** Stored shapes of commerce: orders, products, behaviour events and their daily counters. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { BehaviourInput, OrderInput, OrderItem, OrderStatus, Refund, Shipment } from '../../contracts/index.js';

/** Times of an order that a report may leave out. Once known they stay known. */
export const orderTimes = ['paidAt', 'dispatchedAt', 'receivedAt', 'completedAt', 'closedAt', 'closesAt'] as const;
export type OrderTime = (typeof orderTimes)[number];

export const seenStates = ['paid', 'dispatched', 'outForDelivery', 'delivered', 'completed', 'closed'] as const;
export type SeenState = (typeof seenStates)[number];

/** What the next report is merged with, besides the order's own fields. Bounded: one entry a field. */
export interface OrderBasis {
  /** The newest report's word. The order's own status may be further: see status.ts. */
  status: OrderStatus;
  /** The value stated by the newest report (`by`: its updatedAt) that stated one. */
  stated: Partial<Record<OrderTime, { at: Date; by: Date }>>;
  /** The earliest moment at which any report showed this state. */
  seen: Partial<Record<SeenState, Date>>;
}

/** What an effective order adds to its customer's figures: `spent` in fen, `items` in pieces. */
export interface Counted {
  placedAt: Date;
  spent: number;
  items: number;
}

/** Amounts in fen, as in OrderInput. */
export interface OrderRecord {
  _id: Types.ObjectId;
  /** Whose order it was when it was first written. */
  customerId: Types.ObjectId;
  source: string;
  orderNo: string;
  status: OrderStatus;
  placedAt: Date;
  paidAt?: Date;
  /** Stated, or while the order is pending, placedAt and the shop's closing time. */
  closesAt?: Date;
  dispatchedAt?: Date;
  receivedAt?: Date;
  completedAt?: Date;
  closedAt?: Date;
  currency: OrderInput['currency'];
  amount: number;
  paid: number;
  freight: number;
  discount: number;
  items: OrderItem[];
  shipments: Shipment[];
  refunds: Refund[];
  /** Of the newest report. */
  updatedAt: Date;
  /** Present while the order is effective. */
  counted?: Counted;
  /** First known from an import of the past: it counts for figures and growth, and earns no points, whoever reports it later. */
  history?: true;
  basis: OrderBasis;
  /** It was received once. When a parcel told later makes it wait again, its arrival is not told a second time. */
  toldDelivered?: true;
}

export interface ProductRecord {
  _id: Types.ObjectId;
  sku: string;
  name: string;
  category: string;
  price: number;
  status: 'on' | 'off';
  updatedAt: Date;
}

/** One thing a person did in the shop, once by (source, eventId). */
export interface BehaviourRecord {
  _id: Types.ObjectId;
  customerId: Types.ObjectId;
  source: string;
  eventId: string;
  type: string;
  at: Date;
  product?: NonNullable<BehaviourInput['product']>;
  seconds?: number;
  data?: NonNullable<BehaviourInput['data']>;
}

/** How often a customer did one thing on one day (YYYY-MM-DD in the shop's zone); outlives the events it was counted from. */
export interface BehaviourDayRecord {
  _id: Types.ObjectId;
  customerId: Types.ObjectId;
  type: string;
  day: string;
  count: number;
  /** The sum of `seconds`. */
  seconds: number;
}

export interface CommerceModels {
  orders: Model<OrderRecord>;
  products: Model<ProductRecord>;
  behaviours: Model<BehaviourRecord>;
  behaviourDays: Model<BehaviourDayRecord>;
}

const strict = { strict: 'throw', versionKey: false, minimize: false } as const;
const { ObjectId, Mixed } = Schema.Types;

export function commerceModels(connection: Connection): CommerceModels {
  return {
    orders: connection.model<OrderRecord>('Order', orderSchema(), 'orders'),
    products: connection.model<ProductRecord>('Product', productSchema(), 'products'),
    behaviours: connection.model<BehaviourRecord>('Behaviour', behaviourSchema(), 'behaviours'),
    behaviourDays: connection.model<BehaviourDayRecord>('BehaviourDay', behaviourDaySchema(), 'behaviourDays'),
  };
}

function orderSchema(): Schema<OrderRecord> {
  const schema = new Schema<OrderRecord>(
    {
      customerId: ObjectId,
      source: String,
      orderNo: String,
      status: String,
      placedAt: Date,
      paidAt: Date,
      closesAt: Date,
      dispatchedAt: Date,
      receivedAt: Date,
      completedAt: Date,
      closedAt: Date,
      currency: String,
      amount: Number,
      paid: Number,
      freight: Number,
      discount: Number,
      items: [Mixed],
      shipments: [Mixed],
      refunds: [Mixed],
      updatedAt: Date,
      counted: Mixed,
      history: Boolean,
      basis: Mixed,
      toldDelivered: Boolean,
    },
    strict,
  );
  schema.index({ source: 1, orderNo: 1 }, { unique: true });
  schema.index({ orderNo: 1 });
  schema.index({ placedAt: -1, _id: -1 });
  schema.index({ status: 1, placedAt: -1, _id: -1 });
  schema.index({ customerId: 1, placedAt: -1, _id: -1 });
  schema.index({ customerId: 1, paidAt: -1 });
  schema.index(
    { customerId: 1, 'counted.placedAt': 1 },
    { partialFilterExpression: { 'counted.placedAt': { $exists: true } } },
  );
  return schema;
}

function productSchema(): Schema<ProductRecord> {
  const schema = new Schema<ProductRecord>(
    { sku: String, name: String, category: String, price: Number, status: String, updatedAt: Date },
    strict,
  );
  schema.index({ sku: 1 }, { unique: true });
  schema.index({ category: 1, sku: 1 });
  return schema;
}

function behaviourSchema(): Schema<BehaviourRecord> {
  const schema = new Schema<BehaviourRecord>(
    {
      customerId: ObjectId,
      source: String,
      eventId: String,
      type: { type: String },
      at: Date,
      product: Mixed,
      seconds: Number,
      data: Mixed,
    },
    strict,
  );
  schema.index({ source: 1, eventId: 1 }, { unique: true });
  schema.index({ customerId: 1, at: -1, _id: -1 });
  return schema;
}

function behaviourDaySchema(): Schema<BehaviourDayRecord> {
  const schema = new Schema<BehaviourDayRecord>(
    { customerId: ObjectId, type: { type: String }, day: String, count: Number, seconds: Number },
    strict,
  );
  schema.index({ customerId: 1, day: 1, type: 1 }, { unique: true });
  return schema;
}
