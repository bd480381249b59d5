/** Sessions: a random secret in the browser's cookie, its hash here. They follow real time and slide with use. */
import { hashToken, randomToken } from '../../infra/crypto.js';
import type { StaffModels, StaffRecord } from './models.js';
import { csrfTokenOf } from './secrets.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface SignedIn {
  staff: StaffRecord;
  csrfToken: string;
  expiresAt: Date;
}

export interface SessionRules {
  sessionHours: number;
  sessionMaxDays: number;
}

export interface Sessions {
  begin(staff: StaffRecord, now: Date): Promise<{ secret: string; expiresAt: Date }>;
  /** Who holds this secret, or undefined when it is unknown, expired, or its staff member disabled. `slide`: the asker is at work, so the expiry moves. */
  find(secret: string, now: Date, slide: boolean): Promise<SignedIn | undefined>;
  end(secret: string): Promise<void>;
  /** Ends all sessions of a staff member; `keep` names the one that goes on, under its owner's new password version. */
  endAll(staffId: StaffRecord['_id'], keep?: { secret: string; passwordVersion: number }): Promise<void>;
}

export function sessionsIn({ sessions, staff }: StaffModels, rules: SessionRules): Sessions {
  const expiryFrom = (now: Date, endsAt: Date): Date =>
    new Date(Math.min(now.getTime() + rules.sessionHours * HOUR_MS, endsAt.getTime()));
  // Written once in a twentieth of the session's length, not at every request.
  const worthWriting = (from: Date, to: Date): boolean =>
    to.getTime() - from.getTime() > rules.sessionHours * (HOUR_MS / 20);

  return {
    begin: async (member, now) => {
      const secret = randomToken();
      const endsAt = new Date(now.getTime() + rules.sessionMaxDays * DAY_MS);
      const expiresAt = expiryFrom(now, endsAt);
      const { _id: staffId, passwordVersion } = member;
      await sessions.create({ _id: hashToken(secret), staffId, passwordVersion, createdAt: now, expiresAt, endsAt });
      return { secret, expiresAt };
    },
    find: async (secret, now, slide) => {
      const session = await sessions.findById(hashToken(secret)).lean();
      if (!session || session.expiresAt <= now) return undefined;
      const member = await staff.findById(session.staffId).lean();
      if (!member || member.disabled || member.passwordVersion !== session.passwordVersion) return undefined;
      const expiresAt = slide ? expiryFrom(now, session.endsAt) : session.expiresAt;
      if (worthWriting(session.expiresAt, expiresAt)) {
        await sessions.updateOne({ _id: session._id }, { $set: { expiresAt } });
      }
      return { staff: member, csrfToken: csrfTokenOf(secret), expiresAt };
    },
    end: async (secret) => {
      await sessions.deleteOne({ _id: hashToken(secret) });
    },
    endAll: async (staffId, keep) => {
      if (!keep) return void (await sessions.deleteMany({ staffId }));
      const _id = hashToken(keep.secret);
      await sessions.updateOne({ _id, staffId }, { $set: { passwordVersion: keep.passwordVersion } });
      await sessions.deleteMany({ staffId, _id: { $ne: _id } });
    },
  };
}
