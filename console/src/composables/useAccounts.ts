/** The shop's channel accounts, for whoever may see them; for the others the list stays empty and the account is typed. */
import { onMounted, ref, type Ref } from 'vue';
import { api } from '@/api/endpoints';
import type { ChannelAccount } from '@/api/types';
import { useSession } from '@/stores/session';
import { useTask } from './useTask';

/** `notify`: a failure shows as a notice, for a place with no room of its own for `error`. */
export function useAccounts({ notify = false }: { notify?: boolean } = {}): {
  accounts: Ref<ChannelAccount[]>;
  error: Ref<string>;
} {
  const session = useSession();
  const accounts = ref<ChannelAccount[]>([]);
  const { error, run } = useTask({ notify });
  onMounted(async () => {
    if (session.can('system.read')) await run(async () => (accounts.value = (await api.channels()).items));
  });
  return { accounts, error };
}
