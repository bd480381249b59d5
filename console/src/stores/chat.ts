/** The open conversation: its messages, what is being sent from here, and the drafts of all conversations. */
import { defineStore } from 'pinia';
import { computed, reactive, ref, watch } from 'vue';
import { ApiError } from '@/api/client';
import { api } from '@/api/endpoints';
import type { ChatMessage, Conversation } from '@/api/types';
import { coalesce } from '@/composables/coalesce';
import { observeBusinessTime } from '@/format/clock';
import { describeError } from '@/format/problems';
import { i18n } from '@/i18n';
import { liveState, onLiveEvent } from '@/live/live';
import { useInbox } from './inbox';
import { type LocalMessage, mergePage, type Outgoing, replyContent } from './chat-messages';
import { useSession } from './session';

export interface Draft {
  text: string;
  noteMode: boolean;
}
const pageSize = 40;
const lookAgainMs = 10_000;

export const useChat = defineStore('chat', () => {
  const session = useSession();
  const inbox = useInbox();
  const conversation = ref<Conversation | null>(null);
  const messages = ref<ChatMessage[]>([]);
  const locals = ref<LocalMessage[]>([]);
  const drafts = reactive(new Map<string, Draft>());
  const openId = ref('');
  const loading = ref(false);
  const loadingOlder = ref(false);
  const error = ref('');
  /** What the server refused about this conversation, shown where one types. */
  const refusal = ref('');
  let olderCursor: string | null = null;
  const hasOlder = ref(false);

  const mine = computed(() => conversation.value?.assignee?.id === session.staffId);
  const here = computed(() => locals.value.filter((local) => local.conversationId === openId.value));

  function draftOf(id: string): Draft {
    const draft = drafts.get(id) ?? { text: '', noteMode: false };
    if (!drafts.has(id)) drafts.set(id, draft);
    return drafts.get(id) ?? draft;
  }

  async function read(id: string): Promise<void> {
    const [found, page] = await Promise.all([api.conversation(id), api.messages(id, { limit: pageSize })]);
    if (openId.value !== id) return;
    conversation.value = found;
    const sendingHere = here.value.some((local) => local.state === 'sending');
    const merged = mergePage(messages.value, page.items, sendingHere ? session.staffId : undefined);
    if (!merged.continued) {
      olderCursor = page.nextCursor;
      hasOlder.value = olderCursor !== null;
    }
    messages.value = merged.messages;
    page.items.forEach((message) => observeBusinessTime(message.at));
    if (found.unread > 0 && document.visibilityState === 'visible') await markRead(id);
  }

  /** A mark that fails is made by the next look; it must not stand in the way of reading. */
  const markRead = (id: string): Promise<void> =>
    api.act(id, 'read').then(
      (next) => accept(next),
      () => undefined,
    );

  const refresh = coalesce(async () => {
    if (!openId.value) return;
    try {
      await read(openId.value);
      error.value = '';
    } catch (cause) {
      error.value = describeError(cause);
    }
  }, 120);

  /** Only the conversation's own state; a look that fails is made again. */
  async function lookAgain(): Promise<void> {
    const id = openId.value;
    const found = id ? await api.conversation(id).catch(() => null) : null;
    if (found && openId.value === id) conversation.value = found;
  }

  async function open(id: string): Promise<void> {
    if (openId.value === id && conversation.value) return;
    openId.value = id;
    conversation.value = null;
    messages.value = [];
    refusal.value = '';
    error.value = '';
    olderCursor = null;
    hasOlder.value = false;
    if (!id) return;
    loading.value = true;
    try {
      await read(id);
    } catch (cause) {
      if (openId.value === id) error.value = describeError(cause);
    } finally {
      if (openId.value === id) loading.value = false;
    }
  }

  async function older(): Promise<void> {
    const id = openId.value;
    if (!olderCursor || loadingOlder.value) return;
    loadingOlder.value = true;
    try {
      const page = await api.messages(id, { limit: pageSize, cursor: olderCursor });
      if (openId.value !== id) return;
      const known = new Set(messages.value.map((message) => message.id));
      messages.value = [...page.items.filter((message) => !known.has(message.id)).reverse(), ...messages.value];
      olderCursor = page.nextCursor;
      hasOlder.value = olderCursor !== null;
    } catch (cause) {
      error.value = describeError(cause);
    } finally {
      loadingOlder.value = false;
    }
  }

  function accept(next: Conversation): void {
    if (openId.value === next.id) conversation.value = next;
    inbox.refresh();
  }

  function send(outgoing: Outgoing): void {
    const id = openId.value;
    const local: LocalMessage = {
      ...outgoing,
      conversationId: id,
      clientId: crypto.randomUUID(),
      at: new Date().toISOString(),
      state: 'sending',
      error: '',
    };
    refusal.value = '';
    locals.value.push(local);
    void transmit(local.clientId);
  }

  /** Sends or sends again: the id stays, so that one reply never becomes two. */
  async function transmit(clientId: string): Promise<void> {
    const local = locals.value.find((one) => one.clientId === clientId);
    if (!local) return;
    local.state = 'sending';
    try {
      const answered =
        local.kind === 'note'
          ? await api.note(local.conversationId, { clientId, text: local.text })
          : await api.reply(local.conversationId, { clientId, content: replyContent(local) });
      discard(clientId);
      if (openId.value === local.conversationId && !messages.value.some((one) => one.id === answered.id))
        messages.value.push(answered);
    } catch (cause) {
      fail(local, cause);
    }
    refresh();
    inbox.refresh();
  }

  /** A conflict is final for this text: it goes back into the draft. Anything else can be tried again as it is. */
  function fail(local: LocalMessage, cause: unknown): void {
    local.state = 'failed';
    local.error = describeError(cause);
    if (!(cause instanceof ApiError) || cause.status !== 409) return;
    if (local.conversationId === openId.value) refusal.value = local.error;
    // There is nothing to write differently: it can only be sent again or taken away.
    if (local.kind === 'image' || local.kind === 'file') return;
    const draft = draftOf(local.conversationId);
    draft.text = draft.text ? `${local.text}\n${draft.text}` : local.text;
    discard(local.clientId);
  }

  function discard(clientId: string): void {
    const gone = locals.value.find((local) => local.clientId === clientId);
    if (gone?.kind === 'image') URL.revokeObjectURL(gone.previewUrl);
    locals.value = locals.value.filter((local) => local.clientId !== clientId);
  }

  /** Claim, release, close, assign, follow-up. Resolves to false with `refusal` set when the server said no. */
  async function change(work: (id: string) => Promise<Conversation>): Promise<boolean> {
    refusal.value = '';
    const id = openId.value;
    try {
      accept(await work(id));
      refresh();
      return true;
    } catch (cause) {
      refusal.value = await explain(id, cause);
      refresh();
      inbox.refresh();
      return false;
    }
  }

  /** Names the colleague who was faster. */
  async function explain(id: string, cause: unknown): Promise<string> {
    if (!(cause instanceof ApiError) || cause.code !== 'conversation.alreadyClaimed') return describeError(cause);
    const found = await api.conversation(id).catch(() => null);
    return found?.assignee ? i18n.global.t('chat.claimedBy', { name: found.assignee.name }) : describeError(cause);
  }

  const step = (name: 'claim' | 'release' | 'close'): Promise<boolean> => change((id) => api.act(id, name));
  const assign = (staffId: string): Promise<boolean> => change((id) => api.assign(id, staffId));

  function follow(): () => void {
    const stopEvents = onLiveEvent((event) => {
      if (event.conversationId === openId.value || event.kind === 'media.stored' || event.kind === 'quota.drifted')
        refresh();
      else if (event.customerId && event.customerId === conversation.value?.customerId) refresh();
    });
    const stopState = watch(liveState, (state) => {
      if (state === 'open') refresh();
    });
    document.addEventListener('visibilitychange', refresh);
    // A window also ends without any event, and the demo's clock may jump.
    const timer = setInterval(() => document.visibilityState === 'visible' && void lookAgain(), lookAgainMs);
    return () => {
      stopEvents();
      stopState();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }

  return {
    conversation,
    messages,
    locals,
    here,
    openId,
    loading,
    loadingOlder,
    hasOlder,
    error,
    refusal,
    mine,
    draftOf,
    open,
    older,
    refresh,
    send,
    transmit,
    discard,
    step,
    assign,
    follow,
  };
});
