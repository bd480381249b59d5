/**
 * One-time notices: the platform asks the person, we tell the server what they said. The question must follow a tap at once, so the
 * templates are read when a page opens and not when the button is pressed.
 * https://developers.weixin.qq.com/miniprogram/dev/api/open-api/subscribe-message/wx.requestSubscribeMessage.html
 */
import { readTexts, reportNotices } from './endpoints';
import { requestKey } from './format';
import { attempt, toast } from './load';
import { texts } from './texts';

/** The platform shows at most so many at once. */
const mostTemplates = 3;

export type NoticeTopic = 'voucher' | 'order' | 'level';
const topics: Record<NoticeTopic, RegExp> = {
  voucher: /voucher|coupon/,
  order: /order|dispatch|shipment|payment|refund/,
  level: /level|points/,
};

/** Ids of the templates about this topic; empty when the shop has none, and then nothing should be asked. */
export async function templatesAbout(topic: NoticeTopic): Promise<string[]> {
  const { notices } = await readTexts();
  return notices
    .filter(({ scene }) => topics[topic].test(scene))
    .map(({ templateId }) => templateId)
    .slice(0, mostTemplates);
}

/** Call it straight from a tap. */
export async function askForNotices(tmplIds: string[]): Promise<void> {
  const answers = await question(tmplIds);
  if (answers.length === 0) return toast(texts.notices.failed);
  const reportId = requestKey();
  const told = await attempt(() => reportNotices({ reportId, answers }));
  if (told) toast(answers.some(({ answer }) => answer === 'accept') ? texts.notices.on : texts.notices.off);
}

function question(tmplIds: string[]): Promise<Array<{ templateId: string; answer: string }>> {
  return new Promise((resolve) => {
    wx.requestSubscribeMessage({
      tmplIds,
      success: (result) => {
        const said = result as unknown as Record<string, unknown>;
        resolve(
          tmplIds.flatMap((templateId) => {
            const answer = said[templateId];
            return typeof answer === 'string' ? [{ templateId, answer }] : [];
          }),
        );
      },
      fail: () => resolve([]),
    });
  });
}
