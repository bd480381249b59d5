/** Joining, what members say of themselves, and what they agree to or take back. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import type { NewDomainEvent } from '../../../contracts/index.js';
import { RequestProblem } from '../../../errors.js';
import type { MemberActor, MemberPort } from '../../ports.js';
import { take } from '../open.js';
import { refusedBy } from '../refusals.js';
import type { Change, MemberServiceParts } from './index.js';
import { taken } from './login.js';

type Joining = Pick<MemberPort, 'join' | 'changeMe' | 'phone' | 'privacy'>;
type Agreement = Pick<c.PrivacyBody, 'purpose' | 'channel' | 'version' | 'page'>;

const BY_MEMBER = { kind: 'member' } as const;

export function createJoining(
  parts: MemberServiceParts,
  change: Change,
  view: (by: MemberActor) => Promise<c.MemberMe>,
): Joining {
  const { clock, profiles, consents, membership, texts, miniProgram } = parts;
  const idOf = (by: MemberActor): Types.ObjectId => new Types.ObjectId(by.customerId);

  async function join(body: c.JoinBody, by: MemberActor): Promise<c.MemberMe> {
    if (body.privacyVersion !== texts.privacy.version) throw textChanged();
    body.consents.forEach(isCurrent);
    const phone = body.phoneCode === undefined ? undefined : await phoneOf(body.phoneCode, by);
    await change(by, async (tx, person, acting) => {
      const at = clock.now();
      const joined = await profiles.join(tx, idOf(by), body, at);
      if (!joined.ok) throw refusedBy(joined);
      const gift = joined.first ? await membership.points.grant(tx, person, { kind: 'join' }, at) : undefined;
      const agreed: NewDomainEvent[] = [];
      for (const consent of body.consents)
        agreed.push(...(await record(tx, by, { ...consent, page: body.page }, true)));
      const verified = phone ? await profiles.verifyPhone(tx, idOf(by), phone, at) : [];
      const given = gift ? take(acting, gift.owed) : [];
      return { events: [...joined.events, ...given, ...agreed, ...verified], result: undefined };
    });
    return view(by);
  }

  async function changeMe(body: c.ChangeMe, by: MemberActor): Promise<c.MemberMe> {
    const words = [body.name, body.province, body.city].filter((word) => word !== undefined);
    if (words.length) await refuseRisky(words.join('\n'), by);
    const { rules } = await membership.programme.current(clock.now());
    const { birthdayChangeDays } = rules.points;
    await change(by, async (tx) => {
      const put = await profiles.put(tx, idOf(by), body, clock.now(), BY_MEMBER, { birthdayChangeDays });
      if (!put.ok) throw refusedBy(put);
      return { events: put.events, result: undefined };
    });
    return view(by);
  }

  async function phone({ phoneCode }: c.PhoneBody, by: MemberActor): Promise<c.MemberMe> {
    const number = await phoneOf(phoneCode, by);
    await change(by, async (tx) => ({
      events: await profiles.verifyPhone(tx, idOf(by), number, clock.now()),
      result: undefined,
    }));
    return view(by);
  }

  async function privacy({ given, ...body }: c.PrivacyBody, by: MemberActor): Promise<c.MemberMe> {
    // Taking back is always possible, whichever text was shown then.
    if (given) isCurrent(body);
    await change(by, async (tx) => ({ events: await record(tx, by, body, given), result: undefined }));
    return view(by);
  }

  const record = (
    tx: ClientSession,
    by: MemberActor,
    { purpose, channel, version, page }: Agreement,
    given: boolean,
  ): Promise<NewDomainEvent[]> =>
    consents.record(
      tx,
      idOf(by),
      { purpose, channel, textVersion: version, at: clock.now(), page, by: BY_MEMBER },
      !given,
    );

  async function phoneOf(code: string, { address }: MemberActor): Promise<string> {
    return taken(await miniProgram?.capabilities.phoneNumber?.(address.account, code)).number;
  }

  /** The shop's staff see these words, so they pass the platform's check; where that cannot be asked, they are taken. */
  async function refuseRisky(text: string, { address }: MemberActor): Promise<void> {
    const checked = await miniProgram?.capabilities.checkText?.(address.account, address.user, text, 'profile');
    if (!checked?.ok || checked.value !== 'risky') return;
    throw new RequestProblem(422, 'text.risky', 'The platform holds this text for unfit. Choose another one.');
  }

  function isCurrent({ purpose, channel, version }: Agreement): void {
    const shown = texts.consents.find((one) => one.purpose === purpose && one.channel === channel);
    if (shown?.version !== version) throw textChanged();
  }

  return { join, changeMe, phone, privacy };
}

const textChanged = (): RequestProblem =>
  new RequestProblem(409, 'member.textChanged', 'The text has changed since. Read the present one and decide again.');
