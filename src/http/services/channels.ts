/** The shop's channel accounts as the console shows them: how they do, where the platform reaches us, and who still has to sign a bot in. */
import { toDataURL } from 'qrcode';
import type { BotState, Channel } from '../../contracts/index.js';
import type { HttpPorts } from '../ports.js';

type Views = Awaited<ReturnType<HttpPorts['channels']>>;

export async function channelAccounts(channels: readonly Channel[], publicUrl: string): Promise<Views> {
  const views = await Promise.all(channels.map((one) => accountsOf(one, publicUrl)));
  return views.flat();
}

async function accountsOf(channel: Channel, publicUrl: string): Promise<Views> {
  const bots = new Map((await channel.capabilities.bots?.())?.map((bot) => [bot.account, bot]));
  return Promise.all(
    channel.health().map(async ({ account, state, reason }) => {
      const bot = bots.get(account);
      return {
        channel: channel.name,
        account,
        state: bot?.state === 'online' ? 'ok' : state,
        reason: reason ?? null,
        webhookUrl: channel.webhook ? `${publicUrl}/webhooks/${channel.name}/${account}` : null,
        bot: bot ? await botView(bot) : null,
      };
    }),
  );
}

async function botView(bot: BotState): Promise<NonNullable<Views[number]['bot']>> {
  const since = bot.since.toISOString();
  if (bot.state === 'scan') {
    const qrcode = await toDataURL(bot.qrcode, { margin: 2, width: 240 });
    return { state: bot.state, since, qrcode, name: null, reason: null };
  }
  return { state: bot.state, since, qrcode: null, name: bot.name ?? null, reason: bot.reason ?? null };
}
