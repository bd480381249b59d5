/** One customer and the person they are, read together and again whenever something happens with any of the person's records. */
import { onMounted, onUnmounted, ref, type Ref } from 'vue';
import { api } from '@/api/endpoints';
import type { Customer, PersonView } from '@/api/types';
import { describeError } from '@/format/problems';
import { onLiveEvent } from '@/live/live';
import { useSession } from '@/stores/session';
import { coalesce } from './coalesce';

export interface KnownCustomer {
  customer: Ref<Customer | null>;
  /** Null while loading, and for staff who may not see memberships. */
  person: Ref<PersonView | null>;
  error: Ref<string>;
  /** Counts the loads: lists beside it read again when it moves. */
  version: Ref<number>;
  load(): Promise<void>;
  refresh(): void;
}

export function useCustomer(customerId: string): KnownCustomer {
  const session = useSession();
  const customer = ref<Customer | null>(null);
  const person = ref<PersonView | null>(null);
  const error = ref('');
  const version = ref(0);

  async function load(): Promise<void> {
    try {
      const sees = session.can('membership.read');
      const [one, whole] = await Promise.all([api.customer(customerId), sees ? api.person(customerId) : null]);
      customer.value = one;
      person.value = whole;
      error.value = '';
      version.value += 1;
    } catch (cause) {
      error.value = describeError(cause);
    }
  }
  const refresh = coalesce(load, 500);
  const isOurs = (id: string | null): boolean =>
    id === customerId || (id !== null && (person.value?.customerIds.includes(id) ?? false));
  let stop: (() => void) | undefined;
  onMounted(() => {
    refresh();
    stop = onLiveEvent((event) => {
      if (isOurs(event.customerId)) refresh();
    });
  });
  onUnmounted(() => stop?.());
  return { customer, person, error, version, load, refresh };
}
