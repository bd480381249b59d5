/** Whether all promotion is stopped, for the banner that everybody sees; and why messages are not sent, as the server words it. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import { api } from '@/api/endpoints';
import type { ContactPolicy, PromotionSwitch } from '@/api/types';

export const usePromotion = defineStore('promotion', () => {
  const state = ref<PromotionSwitch | null>(null);

  const take = (next: PromotionSwitch): void => void (state.value = next);
  async function load(): Promise<ContactPolicy> {
    const policy = await api.contact();
    take(policy.promotion);
    return policy;
  }
  /** A banner is not worth an alarm: without an answer it stays as it was. */
  const refresh = (): Promise<unknown> => load().catch(() => undefined);

  return { state, take, load, refresh };
});
