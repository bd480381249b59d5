/** Who is signed in and what they may do. Owns the CSRF token and starts and stops the live stream with the session. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { ApiError, setCsrfToken } from '@/api/client';
import { api } from '@/api/endpoints';
import type { Permission, Session, SignIn } from '@/api/types';
import { setBusinessTime } from '@/format/clock';
import { startLive, stopLive } from '@/live/live';
import { usePromotion } from './promotion';

export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null);
  const asked = ref(false);
  const staff = computed(() => session.value?.staff ?? null);
  const staffId = computed(() => session.value?.staff.id ?? '');
  const can = (permission: Permission): boolean => session.value?.permissions.includes(permission) ?? false;

  function take(next: Session): void {
    session.value = next;
    asked.value = true;
    setCsrfToken(next.csrfToken);
    setBusinessTime(next.now);
    usePromotion().take({ stopped: next.promotionStopped, by: null, reason: null, at: null });
    if (can('inbox.read')) startLive();
  }

  function forget(): void {
    session.value = null;
    setCsrfToken('');
    stopLive(true);
  }

  /** Asks once whether the cookie still holds a session. */
  async function load(): Promise<void> {
    if (asked.value) return;
    try {
      take(await api.session());
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      asked.value = true;
    }
  }

  const signIn = async (body: SignIn): Promise<void> => take(await api.signIn(body));

  async function signOut(): Promise<void> {
    await api.signOut();
    forget();
  }

  return { session, staff, staffId, can, load, signIn, signOut, forget };
});
