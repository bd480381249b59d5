/** Why two records are, or may be, one person, as a sentence for the staff. Of a phone its last four digits at most. Pure. */
import type { LinkEvidence, ProposedEvidence, StoredEvidence } from '../../../domain/customers/index.js';
import { localTime } from '../../../infra/clock.js';

export interface Telling {
  timeZone: string;
  /** The masked numbers of the two records now. */
  phones: readonly [string | null, string | null];
  /** A number verified longer ago is too old to link by itself. */
  phoneVerifiedDays: number;
}

/** `staffName`: of who linked them by hand. */
export function linkSentence(evidence: StoredEvidence, telling: Telling & { staffName?: string | undefined }): string {
  switch (evidence.kind) {
    case 'unionid':
      return '两边的 unionid 一致';
    case 'phone':
      return `双方都验证过同一手机号${moments(evidence.verifiedAt, telling)}${tail(telling.phones)}`;
    case 'shop-member':
      return `店铺系统 ${evidence.source} 的同一条会员资料指向两边`;
    case 'staff':
      return `${telling.staffName ?? '员工'}手工关联：${evidence.reason}`;
  }
}

export function proposalSentence(evidence: ProposedEvidence, telling: Telling): string {
  switch (evidence.kind) {
    case 'unionid':
      return '一边新报来的 unionid 与另一边一致，但两边另有不同的 unionid';
    case 'shop-member':
      if (evidence.reason === 'order') return `店铺系统 ${evidence.source} 先后把同一笔订单报在两边`;
      return `店铺系统 ${evidence.source} 的同一条会员资料指向两边${doubts[evidence.reason](telling)}`;
    case 'phone':
      return `${phoneSentence(evidence.verifiedAt, telling)}${doubts[evidence.reason](telling)}`;
  }
}

type Verified = Extract<LinkEvidence, { kind: 'phone' }>['verifiedAt'];

function phoneSentence(verifiedAt: Verified, telling: Telling): string {
  const who = verifiedAt.every(Boolean) ? '双方都验证过同一手机号' : '两边是同一手机号';
  return `${who}${moments(verifiedAt, telling)}${tail(telling.phones)}`;
}

const doubts: Readonly<Record<ProposedEvidence['reason'], (telling: Telling) => string>> = {
  unverified: () => '，但没有在两边都验证过',
  old: ({ phoneVerifiedDays }) => `，但有一次验证已超过 ${phoneVerifiedDays} 天`,
  conflict: () => '，但平台给两边的 unionid 不同',
  order: () => '，同一笔订单先后报在两边',
};

function moments(verifiedAt: Verified, { timeZone }: Telling): string {
  if (!verifiedAt.some(Boolean)) return '';
  return `（${verifiedAt.map((at) => (at ? localTime(at, timeZone).date : '未验证')).join(' / ')}）`;
}

/** Only while both records still have that number: it may have changed since. */
function tail([a, b]: Telling['phones']): string {
  return a !== null && a === b && /\d{4}$/.test(a) ? `，尾号 ${a.slice(-4)}` : '';
}
