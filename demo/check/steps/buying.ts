/** What the steps about orders share: somebody with a mini-program who buys, and what has come to their phone. */
import { templateId } from '../../notices.js';
import type { Received } from '../../sim-client.js';
import type { ServiceScene } from '../../../src/contracts/index.js';
import type { Lab, Person } from '../lab.js';
import { lifeOf } from '../shop.js';

/** Somebody known by the mini-program alone, and an order of theirs. Times of the order begin ten minutes ago. */
export async function buyer(lab: Lab, name: string, orderNo: string, price: number) {
  const who = await lab.person(name);
  const card = await lab.member(who);
  const order = lifeOf({ orderNo, customer: { openid: who.mini }, price, placedAt: await lab.shopTime() });
  return { who, card, order };
}

/** Of the one-time notice of a scene. */
export const templateFor = (scene: ServiceScene): string => templateId('one-time', scene);

/** What the person was told of a scene by a template, one-time or not. */
export async function noticesOf(lab: Lab, { openid }: Person, scene: ServiceScene): Promise<Received[]> {
  const ids = [templateId('one-time', scene), templateId('template', scene)];
  const received = await lab.sim.received(openid);
  return received.filter(({ content }) =>
    ids.includes((content as { template_id?: string } | null)?.template_id ?? ''),
  );
}
