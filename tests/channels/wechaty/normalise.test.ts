/** Files a puppet does not hand out at once: the message is kept under a safe name, with what it takes to ask again. */
import { describe, expect, it } from '@jest/globals';
import type { BotMessage } from '../../../src/channels/wechaty/bot.js';
import { normalise } from '../../../src/channels/wechaty/normalise.js';
import { accountOf } from './parts.js';

const gone = (): never => {
  throw new Error('the session forgot it');
};
const attachment = (more: Partial<BotMessage>): BotMessage => ({
  ...{ id: 'message-1', type: 'Attachment', at: new Date(), text: '报价.pdf', self: false, raw: '{}' },
  talker: { id: 'wxid_lin', name: '林小姐', kind: 'person' },
  mentioned: async () => true,
  textAlone: async () => '',
  file: async () => gone(),
  link: async () => gone(),
  location: async () => gone(),
  miniProgram: async () => gone(),
  cardName: async () => gone(),
  ...more,
});
const media = { add: async () => ({ id: 'f'.repeat(64) }) };

async function contentOf(message: BotMessage, store: Parameters<typeof normalise>[1]['media'] = media) {
  const event = await normalise(message, { account: accountOf(), media: store, since: new Date(0) });
  if (typeof event === 'string' || event.body.kind !== 'message') throw new Error('ignored');
  return event.body.content;
}

describe('an attachment', () => {
  it.each([
    ['报价.pdf', '报价.pdf'],
    ['..\\..\\报价\u202efdp.exe', '报价fdp.exe'],
    ['', 'file'],
  ])('%j that is not handed out is a file to be asked for again', async (text, name) => {
    expect(await contentOf(attachment({ text }))).toEqual({ type: 'file', name, media: { platformId: 'message-1' } });
  });

  it('that our store does not take is one, too', async () => {
    const file = async () => ({ name: 'x.pdf', mimeType: 'application/pdf', bytes: Buffer.alloc(0) });
    const full = { add: () => Promise.reject(new Error('413 media.tooLarge')) };
    expect(await contentOf(attachment({ file }), full)).toEqual({
      ...{ type: 'file', name: '报价.pdf', media: { platformId: 'message-1' } },
    });
  });

  it('has the name of its file before that of the message, and its size', async () => {
    const file = async () => ({ name: '目录/报价 2.pdf', mimeType: 'application/pdf', bytes: Buffer.from('%PDF') });
    expect(await contentOf(attachment({ file }))).toEqual({
      ...{ type: 'file', name: '报价 2.pdf', size: 4 },
      media: { id: 'f'.repeat(64), platformId: 'message-1' },
    });
  });
});
