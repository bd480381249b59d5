/** What the shop sells. A product is known by its sku; categories are those its products name. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent, ProductInput } from '../../contracts/index.js';
import { insertRecords } from '../../infra/mongo.js';
import type { CommerceModels, ProductRecord } from './models.js';

export interface ProductPage {
  limit: number;
  /** The last sku of the page before. */
  after?: string | undefined;
  category?: string | undefined;
}

const fields = ['name', 'category', 'price', 'status'] as const;

export function createProducts({ products }: Pick<CommerceModels, 'products'>) {
  /** Reports of products carry no time of their own: what was told last holds. */
  async function putProduct(
    tx: ClientSession,
    input: ProductInput,
    now: Date,
  ): Promise<{ product: ProductRecord; changed: boolean; events: NewDomainEvent[] }> {
    const before = await products.findOne({ sku: input.sku }, null, { session: tx }).lean<ProductRecord>();
    const changed = fields.filter((field) => before?.[field] !== input[field]);
    if (before && changed.length === 0) return { product: before, changed: false, events: [] };
    const { sku, name, category, price, status } = input;
    const _id = before?._id ?? new Types.ObjectId();
    const product: ProductRecord = { _id, sku, name, category, price, status, updatedAt: now };
    if (before) {
      await products.updateOne({ _id }, { $set: { name, category, price, status, updatedAt: now } }, { session: tx });
    } else await insertRecords(products, [product], tx);
    const data = { productId: String(_id), sku, name, category, price, status, fields: before ? changed : [...fields] };
    return { product, changed: true, events: [{ kind: 'product.changed', at: now, data }] };
  }

  /** By sku, ascending. */
  function listProducts({ limit, after, category }: ProductPage): Promise<ProductRecord[]> {
    return products
      .find({
        ...(category === undefined ? {} : { category }),
        ...(after === undefined ? {} : { sku: { $gt: after } }),
      })
      .sort({ sku: 1 })
      .limit(limit)
      .lean<ProductRecord[]>();
  }

  const getProduct = (sku: string): Promise<ProductRecord | null> => products.findOne({ sku }).lean<ProductRecord>();

  /** Every category with how many products it has, by name. */
  async function categories(): Promise<Array<{ category: string; products: number }>> {
    const found = await products.aggregate<{ _id: string; products: number }>([
      { $match: { category: { $gt: '' } } },
      { $group: { _id: '$category', products: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ]);
    return found.map(({ _id, ...rest }) => ({ category: _id, ...rest }));
  }

  return { putProduct, listProducts, getProduct, categories };
}
