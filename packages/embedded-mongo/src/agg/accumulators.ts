/** Owns the accumulators of `$group`: each takes values one by one and gives one result. */
import { Double, Int32, Long } from 'bson';
import type { Decimal128 } from 'bson';
import { MongoError } from '../errors.js';
import { compare } from '../bson/compare.js';
import { Dec, calculate, countValue, fromDecimal, integer, kindOf, toDecimal128, toDouble } from '../bson/number.js';
import { isNullish, isNumber, isObject, typeName } from '../bson/types.js';
import { hashKey } from '../keys/encode.js';
import type { Doc } from '../types.js';

export interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

/** Sums of each kind apart, so that integers stay exact and doubles are compensated (Neumaier). */
class Sum implements Accumulator {
  #small = 0;
  #big = 0n;
  #isLong = false;
  #isDouble = false;
  #double = 0;
  #lost = 0;
  #decimal: Decimal128 | undefined;
  count = 0;

  add(value: unknown): void {
    if (value instanceof Int32) this.#addSmall(value.value);
    else if (!isNumber(value)) return;
    else this.#addOther(value);
    this.count++;
  }

  #addSmall(value: number): void {
    this.#small += value;
    if (this.#small > Number.MAX_SAFE_INTEGER / 2 || this.#small < -Number.MAX_SAFE_INTEGER / 2) this.#flush();
  }

  #flush(): void {
    this.#big += BigInt(this.#small);
    this.#small = 0;
  }

  #addOther(value: unknown): void {
    const kind = kindOf(value);
    if (kind === 'decimal')
      this.#decimal = (this.#decimal ? calculate('add', this.#decimal, value) : value) as Decimal128;
    else if (kind === 'double') this.#addDouble(toDouble(value));
    else if (kind === 'int') this.#addSmall(toDouble(value));
    else {
      this.#isLong = true;
      this.#big += value instanceof Long ? value.toBigInt() : BigInt(value as bigint);
    }
  }

  #addDouble(value: number): void {
    this.#isDouble = true;
    const total = this.#double + value;
    if (Number.isFinite(total))
      this.#lost +=
        Math.abs(this.#double) >= Math.abs(value) ? this.#double - total + value : value - total + this.#double;
    this.#double = total;
  }

  #doubleTotal(): number {
    return Number.isFinite(this.#double) ? this.#double + this.#lost : this.#double;
  }

  result(): unknown {
    this.#flush();
    if (this.#decimal) return this.#decimalTotal();
    if (this.#isDouble) return new Double(Number(this.#big) + this.#doubleTotal());
    return integer(this.#big, this.#isLong ? 'long' : 'int') ?? new Double(Number(this.#big));
  }

  #decimalTotal(): unknown {
    const integers = integer(this.#big, 'long') ?? new Double(Number(this.#big));
    const whole = this.#big === 0n ? this.#decimal : calculate('add', this.#decimal, integers);
    return this.#isDouble ? calculate('add', whole, new Double(this.#doubleTotal())) : whole;
  }
}

class Avg implements Accumulator {
  readonly #sum = new Sum();

  add(value: unknown): void {
    this.#sum.add(value);
  }

  result(): unknown {
    if (this.#sum.count === 0) return null;
    const total = this.#sum.result();
    if (kindOf(total) !== 'decimal') return new Double(toDouble(total) / this.#sum.count);
    return fromDecimal(new Dec(toDecimal128(total).toString()).div(this.#sum.count));
  }
}

class Extreme implements Accumulator {
  #best: unknown = null;
  readonly #direction: 1 | -1;

  constructor(direction: 1 | -1) {
    this.#direction = direction;
  }

  add(value: unknown): void {
    if (isNullish(value)) return;
    if (this.#best === null || compare(value, this.#best) * this.#direction > 0) this.#best = value;
  }

  result(): unknown {
    return this.#best;
  }
}

class First implements Accumulator {
  #seen = false;
  #value: unknown = null;

  add(value: unknown): void {
    if (this.#seen) return;
    this.#seen = true;
    this.#value = value ?? null;
  }

  result(): unknown {
    return this.#value;
  }
}

class Last implements Accumulator {
  #value: unknown = null;

  add(value: unknown): void {
    this.#value = value ?? null;
  }

  result(): unknown {
    return this.#value;
  }
}

/** Missing values are not pushed; null is. */
class Push implements Accumulator {
  readonly #values: unknown[] = [];

  add(value: unknown): void {
    if (value !== undefined) this.#values.push(value);
  }

  result(): unknown {
    return this.#values;
  }
}

class AddToSet implements Accumulator {
  readonly #values = new Map<string, unknown>();

  add(value: unknown): void {
    if (value === undefined) return;
    const key = hashKey(value);
    if (!this.#values.has(key)) this.#values.set(key, value);
  }

  result(): unknown {
    return [...this.#values.values()];
  }
}

class Count implements Accumulator {
  #count = 0;

  add(): void {
    this.#count++;
  }

  result(): unknown {
    return countValue(this.#count);
  }
}

class MergeObjects implements Accumulator {
  readonly #merged: Doc = {};

  add(value: unknown): void {
    if (isNullish(value)) return;
    if (!isObject(value))
      throw new MongoError(40400, `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`);
    Object.assign(this.#merged, value);
  }

  result(): unknown {
    return this.#merged;
  }
}

/** Every accumulator, as listed in SUPPORTED.md. */
export const ACCUMULATORS: Readonly<Record<string, () => Accumulator>> = {
  $sum: () => new Sum(),
  $avg: () => new Avg(),
  $min: () => new Extreme(-1),
  $max: () => new Extreme(1),
  $first: () => new First(),
  $last: () => new Last(),
  $push: () => new Push(),
  $addToSet: () => new AddToSet(),
  $count: () => new Count(),
  $mergeObjects: () => new MergeObjects(),
};
