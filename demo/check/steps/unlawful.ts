/** Marketing by a template or a customer message is misuse of them: neither a strategy nor a broadcast that does it can be stored. */
import { templateId } from '../../notices.js';
import { promotion } from '../campaign.js';
import { expect } from '../judge.js';
import type { Answer } from '../session.js';
import type { Step } from './index.js';

const nobody = { any: [] };

export const unlawful: Step = {
  name: 'unlawful',
  title: {
    'zh-CN': '模板消息、客服消息里的营销：存不进去',
    en: 'promotion by template or customer message is refused',
  },
  async run({ as, saw }) {
    const marketer = await as('marketer');
    const lawful = promotion('合规检查', nobody);
    const text = '全场八折';
    const contents = {
      'customer-message': { type: 'text', text },
      template: { type: 'template', templateId: templateId('template', 'order-paid'), data: { thing2: text } },
    } as const;
    for (const [route, content] of Object.entries(contents)) {
      const message = { ...lawful.message, variants: { ...lawful.message.variants, [route]: content } };
      const answer = await marketer.send('POST', '/broadcasts', { ...lawful, message });
      expect(
        answer.status === 400 && codesOf(answer).includes('message.routeForbidden'),
        `a broadcast by ${route}: 400 message.routeForbidden, not ${answer.about} ${codesOf(answer).join()}`,
      );
    }
    for (const route of ['customer-message', 'template']) {
      const answer = await marketer.send('PUT', '/strategies/unlawful', {
        ...{ enabled: true, title: { 'zh-CN': '违规', en: 'Unlawful' }, priority: 1 },
        trigger: { code: 'joined', args: {} },
        actions: [{ code: 'send', args: { purpose: 'promotion', routes: [route], text } }],
      });
      expect(
        answer.status === 400 && answer.code === 'request.invalid',
        `a strategy by ${route}: 400 request.invalid, not ${answer.about}`,
      );
    }
    const stored = await marketer.get<{ items: Array<{ code: string }> }>('/strategies');
    expect(!stored.items.some(({ code }) => code === 'unlawful'), 'nothing of it is stored');
    const ok = await marketer.send('POST', '/broadcasts', lawful);
    expect(ok.status === 201, `without it the same is taken with 201, not ${ok.about}`);
    saw('broadcast and strategy, by template and by customer message: refused; without them taken');
  },
};

const codesOf = ({ json }: Answer): string[] =>
  ((json as { errors?: Array<{ code: string }> } | undefined)?.errors ?? []).map(({ code }) => code);
