/**
 * The rules once more, as plainly as they can be told: sums, lots in a list, orders with what happened to them. Days are whole numbers
 * and every moment is a noon. Shares nothing with the code under test.
 */
export interface RefLot {
  owner: number;
  earned: number;
  available: number;
  /** The last day it holds. */
  last: number;
  amount: number;
  left: number;
  pending: boolean;
  expired: number;
  clawed: number;
  spent: number;
  order?: RefOrder;
}

export interface RefOrder {
  owner: number;
  name: string;
  cash: number;
  paid?: number;
  received?: number;
  completed?: number;
  closed?: boolean;
  refunds: Array<{ amount: number; day: number }>;
}

interface Booked {
  percent: number;
  lots: RefLot[];
  clawed: number;
  forgiven: number;
}

export interface RefRules {
  /** Half points for a yuan. */
  halvesPerYuan: number;
  window: number;
  receivedAfter: number;
  /** The last day of the so-manieth month after a day. */
  lastDay(day: number): number;
  levels: ReadonlyArray<{ code: string; growth: number; percent: number }>;
}

export class Reference {
  readonly lots: RefLot[] = [];
  readonly debt: number[];
  private readonly booked = new Map<RefOrder, Booked>();
  private readonly uses: Array<{ order: string; lot: RefLot; amount: number; back: number }> = [];
  private readonly keys = new Set<string>();

  constructor(
    private readonly rules: RefRules,
    customers: number,
    private readonly orders: readonly RefOrder[],
  ) {
    this.debt = Array.from({ length: customers }, () => 0);
  }

  available = (owner: number): number =>
    this.lots.reduce((all, lot) => (lot.owner === owner && !lot.pending ? all + lot.left : all), 0);
  pending = (owner: number): number =>
    this.lots.reduce((all, lot) => (lot.owner === owner && lot.pending ? all + lot.left : all), 0);
  spendable = (owners: readonly number[]): number =>
    Math.max(
      0,
      owners.reduce((all, owner) => all + this.available(owner) - this.debtOf(owner), 0),
    );
  debtOf = (owner: number): number => this.debt[owner] ?? 0;

  /** What the clock owes until today. */
  tick(today: number): void {
    const ripe = this.lots.filter((lot) => lot.pending && lot.available <= today);
    for (const lot of ripe.sort((a, b) => a.available - b.available || this.byUse(a, b))) {
      lot.pending = false;
      this.net(lot);
    }
    for (const lot of this.lots) {
      if (lot.pending || lot.last >= today) continue;
      lot.expired += lot.left;
      lot.left = 0;
    }
  }

  /** Debt is paid by points as they become available. */
  private net(lot: RefLot): void {
    const part = Math.min(lot.left, this.debtOf(lot.owner));
    lot.left -= part;
    lot.clawed += part;
    this.debt[lot.owner] = this.debtOf(lot.owner) - part;
  }

  private byUse = (a: RefLot, b: RefLot): number =>
    a.last - b.last || a.earned - b.earned || this.lots.indexOf(a) - this.lots.indexOf(b);

  private add(lot: Pick<RefLot, 'owner' | 'earned' | 'available' | 'amount' | 'order'>, today: number): RefLot {
    const last = this.rules.lastDay(lot.available);
    const made: RefLot = {
      ...lot,
      last,
      left: lot.amount,
      pending: lot.available > today,
      expired: 0,
      clawed: 0,
      spent: 0,
    };
    this.lots.push(made);
    if (!made.pending) this.net(made);
    this.tick(today);
    return made;
  }

  spend(owners: readonly number[], amount: number, { key, order }: { key: string; order?: string }): boolean {
    if (this.keys.has(key)) return true;
    if (this.spendable(owners) < amount) return false;
    this.keys.add(key);
    let missing = amount;
    for (const lot of this.usable(owners)) {
      const part = Math.min(lot.left, missing);
      if (part === 0) continue;
      lot.left -= part;
      lot.spent += part;
      missing -= part;
      this.uses.push({ order: order ?? '', lot, amount: part, back: 0 });
    }
    return true;
  }

  private usable = (owners: readonly number[]): RefLot[] =>
    this.lots.filter((lot) => owners.includes(lot.owner) && !lot.pending && lot.left > 0).sort(this.byUse);

  adjust(owner: number, amount: number, key: string, today: number): boolean {
    if (this.keys.has(key)) return true;
    if (amount > 0) this.add({ owner, earned: today, available: today, amount }, today);
    else {
      if (this.available(owner) < -amount) return false;
      this.takeFrom(this.usable([owner]), -amount);
    }
    this.keys.add(key);
    return true;
  }

  checkin(owners: readonly number[], amount: number, today: number): boolean {
    const keys = owners.map((owner) => `checkin ${owner} ${today}`);
    if (keys.some((key) => this.keys.has(key))) return false;
    for (const key of keys.slice(0, 1)) this.keys.add(key);
    this.add({ owner: owners[0] ?? 0, earned: today, available: today, amount }, today);
    return true;
  }

  private takeFrom(lots: readonly RefLot[], amount: number): number {
    let missing = amount;
    for (const lot of lots) {
      const part = Math.min(lot.left, missing);
      lot.left -= part;
      lot.clawed += part;
      missing -= part;
    }
    return missing;
  }

  /** The order's state is told; `level` is the person's when it was paid. */
  report(order: RefOrder, today: number, percentNow: () => number): void {
    const refunded = Math.min(
      order.cash,
      order.refunds.reduce((all, { amount }) => all + amount, 0),
    );
    const undone = order.paid === undefined ? (order.closed ? [1, 1] : [0, 1]) : [refunded, order.cash];
    const [part = 0, whole = 1] = undone;
    this.earn(order, today, percentNow, [whole - part, whole]);
    this.returnUsed(order, today, [part, whole]);
    this.clawBack(order, [whole - part, whole]);
  }

  private target(order: RefOrder, percent: number, [stays, whole]: [number, number]): number {
    if (order.paid === undefined) return 0;
    const earned = Math.floor((order.cash * this.rules.halvesPerYuan * percent) / 20_000);
    return Math.floor((earned * stays) / whole);
  }

  private earn(order: RefOrder, today: number, percentNow: () => number, stays: [number, number]): void {
    if (order.paid === undefined) return;
    const { window, receivedAfter } = this.rules;
    const known = order.received !== undefined && order.received < order.paid + receivedAfter + window;
    const received = known ? (order.received ?? 0) : order.paid + receivedAfter;
    const available = window === 0 ? order.paid : received + window;
    const before = this.booked.get(order);
    if (before) {
      for (const lot of before.lots.filter(({ pending }) => pending)) {
        lot.available = available;
        lot.last = this.rules.lastDay(available);
      }
      this.tick(today);
      return;
    }
    const percent = percentNow();
    const amount = this.target(order, percent, stays);
    if (amount === 0) return;
    const lot = this.add({ owner: order.owner, earned: order.paid, available, amount, order }, today);
    this.booked.set(order, { percent, lots: [lot], clawed: 0, forgiven: 0 });
  }

  private returnUsed(order: RefOrder, today: number, [part, whole]: [number, number]): void {
    const uses = this.uses.filter((use) => use.order === order.name);
    const used = uses.reduce((all, { amount }) => all + amount, 0);
    let missing = Math.floor((used * part) / whole) - uses.reduce((all, { back }) => all + back, 0);
    for (const use of uses.reverse()) {
      const amount = Math.min(use.amount - use.back, Math.max(0, missing));
      if (amount === 0) continue;
      missing -= amount;
      use.back += amount;
      use.lot.spent -= amount;
      if (use.lot.last < today) use.lot.expired += amount;
      else use.lot.left += amount;
    }
    for (const lot of [...this.lots].filter(({ pending, left }) => !pending && left > 0).sort(this.byUse))
      this.net(lot);
  }

  private clawBack(order: RefOrder, stays: [number, number]): void {
    const booked = this.booked.get(order);
    if (!booked) return;
    const issued = booked.lots.reduce((all, { amount }) => all + amount, 0);
    const amount = issued - booked.clawed - this.target(order, booked.percent, stays);
    if (amount <= 0) return;
    booked.clawed += amount;
    const own = booked.lots;
    let missing = this.takeFrom(
      [...own.filter(({ pending }) => pending), ...own.filter(({ pending }) => !pending)],
      amount,
    );
    const forgiven = Math.min(missing, own.reduce((all, { expired }) => all + expired, 0) - booked.forgiven);
    booked.forgiven += forgiven;
    missing = this.takeFrom(
      this.usable([order.owner]).filter((lot) => !own.includes(lot)),
      missing - forgiven,
    );
    this.debt[order.owner] = this.debtOf(order.owner) + missing;
  }

  /** Every day from the first to today, one after the other. */
  level(owners: readonly number[], today: number): { code: string; growth: number; percent: number } {
    const grown = this.grownBy(owners);
    const growthOn = (day: number): number =>
      grown.reduce(
        (all, one) => (one.from <= day && one.day <= day && one.day > day - 365 ? all + one.amount : all),
        0,
      );
    const earnedOn = (day: number): number =>
      this.rules.levels.findLastIndex(({ growth }) => growth <= Math.max(0, growthOn(day)));
    let rank = 0;
    let until = Number.POSITIVE_INFINITY;
    const first = Math.min(...grown.map(({ from }) => from));
    for (let day = first; day <= today; day += 1) {
      const earned = earnedOn(day);
      if (day === until || (earned > rank && grown.some(({ from }) => from === day))) {
        rank = earned;
        until = rank > 0 ? day + 365 : Number.POSITIVE_INFINITY;
      }
    }
    const { code = '', percent = 100 } = this.rules.levels[rank] ?? {};
    return { code, percent, growth: growthOn(today) };
  }

  readonly reported = new Map<RefOrder, RefOrder>();

  private grownBy(owners: readonly number[]): Array<{ day: number; from: number; amount: number }> {
    return this.orders
      .filter(({ owner }) => owners.includes(owner))
      .flatMap((order) => {
        const known = this.reported.get(order);
        if (known?.completed === undefined || known.paid === undefined) return [];
        const day = known.completed;
        const rows = [{ day, from: day, amount: Math.floor(known.cash / 100) }];
        let refunded = 0;
        for (const refund of known.refunds) {
          const before = Math.floor((Math.floor(known.cash / 100) * (known.cash - refunded)) / known.cash);
          refunded = Math.min(known.cash, refunded + refund.amount);
          const after = Math.floor((Math.floor(known.cash / 100) * (known.cash - refunded)) / known.cash);
          rows.push({ day, from: Math.max(day, refund.day), amount: after - before });
        }
        return rows;
      });
  }
}
