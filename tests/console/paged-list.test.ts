/** A list in the console: pages join, an overtaken load is dropped, a failure is said and can be tried again. */
import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../console/src/api/client.js';
import type { Page } from '../../console/src/api/types.js';
import { type Paged, usePaged } from '../../console/src/composables/usePaged.js';

interface Call {
  cursor: string | null;
  answer(items: string[], nextCursor?: string | null): Promise<void>;
  fail(cause: unknown): Promise<void>;
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A list whose server answers when the test says so. */
function listed(options?: { keepError?: boolean }): { list: Paged<string>; calls: Call[]; last: () => Call } {
  const calls: Call[] = [];
  const list = usePaged<string>(
    (cursor) =>
      new Promise<Page<string>>((resolve, reject) => {
        calls.push({
          cursor,
          answer: (items, nextCursor = null) => (resolve({ items, nextCursor }), settled()),
          fail: (cause) => (reject(cause as Error), settled()),
        });
      }),
    options,
  );
  const last = (): Call => {
    const call = calls.at(-1);
    if (!call) throw new Error('nothing was asked');
    return call;
  };
  return { list, calls, last };
}
const down = new ApiError(0, { code: 'network' });

describe('loading', () => {
  it('knows the difference between nothing yet and nothing there', async () => {
    const { list, last } = listed();
    void list.reload();
    expect(list).toMatchObject({ items: [], loading: true, loaded: false });
    await last().answer([]);
    expect(list).toMatchObject({ items: [], loading: false, loaded: true, hasMore: false });
  });

  it('adds the next page and goes on from its cursor to the end', async () => {
    const { list, calls, last } = listed();
    void list.reload();
    await last().answer(['a', 'b'], 'after-b');
    void list.more();
    await last().answer(['c'], 'after-c');
    void list.more();
    await last().answer(['d']);
    await list.more();
    expect(list.items).toEqual(['a', 'b', 'c', 'd']);
    expect(list.hasMore).toBe(false);
    expect(calls.map(({ cursor }) => cursor)).toEqual([null, 'after-b', 'after-c']);
  });

  it('asks once for the next page, however often one scrolls', async () => {
    const { list, calls, last } = listed();
    void list.reload();
    await last().answer(['a'], 'after-a');
    void list.more();
    void list.more();
    expect(calls).toHaveLength(2);
  });

  it('begins anew on reload', async () => {
    const { list, calls, last } = listed();
    void list.reload();
    await last().answer(['a'], 'after-a');
    void list.reload();
    await last().answer(['z']);
    expect(list.items).toEqual(['z']);
    expect(calls.map(({ cursor }) => cursor)).toEqual([null, null]);
  });

  it('drops what was overtaken, be it an answer or a failure', async () => {
    const { list, calls } = listed();
    void list.reload();
    void list.reload();
    void list.reload();
    await calls[2]?.answer(['new']);
    await calls[0]?.answer(['old'], 'after-old');
    await calls[1]?.fail(down);
    expect(list).toMatchObject({ items: ['new'], error: '', hasMore: false, loading: false });
  });

  it('is still loading while an older load ends', async () => {
    const { list, calls } = listed();
    void list.reload();
    void list.reload();
    await calls[0]?.fail(down);
    expect(list).toMatchObject({ loading: true, error: '' });
  });
});

describe('failing', () => {
  it('says why in words, keeps what is shown, and is well again after the next load', async () => {
    const { list, last } = listed();
    void list.reload();
    await last().answer(['a'], 'after-a');
    void list.more();
    await last().fail(down);
    expect(list).toMatchObject({ items: ['a'], loading: false, hasMore: true });
    expect(list.error).toMatch(/\p{Script=Han}/u);
    void list.reload();
    expect(list.error).toBe('');
    await last().answer(['a', 'b']);
    expect(list).toMatchObject({ items: ['a', 'b'], error: '' });
  });

  it('keeps the sentence until a load succeeds where the list reloads by itself', async () => {
    const { list, last } = listed({ keepError: true });
    void list.reload();
    await last().fail(down);
    const said = list.error;
    void list.reload();
    expect(list.error).toBe(said);
    await last().answer(['a']);
    expect(list.error).toBe('');
  });
});
