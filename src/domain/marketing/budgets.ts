/**
 * What campaigns have used of their budgets. Reserved in the transaction that uses it, so that a budget cannot be overrun; what was
 * reserved and not used is given back.
 */
import type { ClientSession } from 'mongoose';
import type { CampaignBudget } from '../../contracts/index.js';
import type { BudgetRecord, CampaignModels } from './campaign-models.js';

export interface Amount {
  people: number;
  fen: number;
}

/** A budget that names nothing holds nobody back, and nothing is counted for it. */
export const isLimited = ({ people, fen }: CampaignBudget): boolean => people !== undefined || fen !== undefined;

export type Budgets = ReturnType<typeof createBudgets>;

export function createBudgets({ budgets }: Pick<CampaignModels, 'budgets'>) {
  async function used(campaign: string, tx: ClientSession | null = null): Promise<Amount> {
    const found = await budgets.findById(campaign, null, { session: tx }).lean<BudgetRecord>();
    return { people: found?.people ?? 0, fen: found?.fen ?? 0 };
  }

  /** All or nothing. False when the budget has not that much left. Of two at once the later one runs again and sees the first. */
  async function reserve(tx: ClientSession, campaign: string, asked: Amount, budget: CampaignBudget): Promise<boolean> {
    const before = await used(campaign, tx);
    if (before.people + asked.people > (budget.people ?? Infinity)) return false;
    if (before.fen + asked.fen > (budget.fen ?? Infinity)) return false;
    await add(tx, campaign, asked);
    return true;
  }

  /** For up to `wanted` people, each costing `fenEach`: for how many there was enough. */
  async function reserveUpTo(
    tx: ClientSession,
    campaign: string,
    { wanted, fenEach }: { wanted: number; fenEach: number },
    budget: CampaignBudget,
  ): Promise<number> {
    const before = await used(campaign, tx);
    const byPeople = (budget.people ?? Infinity) - before.people;
    const byFen = fenEach === 0 ? Infinity : Math.floor(((budget.fen ?? Infinity) - before.fen) / fenEach);
    const people = Math.max(0, Math.min(wanted, byPeople, byFen));
    if (people > 0) await add(tx, campaign, { people, fen: people * fenEach });
    return people;
  }

  const giveBack = (tx: ClientSession, campaign: string, { people, fen }: Amount): Promise<void> =>
    add(tx, campaign, { people: -people, fen: -fen });

  async function add(tx: ClientSession, campaign: string, { people, fen }: Amount): Promise<void> {
    await budgets.updateOne({ _id: campaign }, { $inc: { people, fen } }, { session: tx, upsert: true });
  }

  return { used, reserve, reserveUpTo, giveBack };
}
