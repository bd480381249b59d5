/** Names of staff and of shop systems' keys, for what records keep by id of who wrote them. */
import type { ApiKeys, StaffModule } from '../../../domain/staff/index.js';
import { RequestProblem } from '../../../errors.js';
import type { NameOf } from './acting.js';

export function createNames({ accounts }: Pick<StaffModule, 'accounts'>, apiKeys: Pick<ApiKeys, 'list'>): NameOf {
  return async (by) => {
    if (!/^[0-9a-f]{24}$/.test(by)) return undefined;
    const staff = await accounts.get(by).catch((error: unknown) => {
      if (error instanceof RequestProblem && error.status === 404) return undefined;
      throw error;
    });
    return staff?.name ?? (await apiKeys.list()).find(({ id }) => id === by)?.name;
  };
}
