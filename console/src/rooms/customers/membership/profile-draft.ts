/** The profile form. What is known is shown masked, so a field left empty keeps what it is; only what was written is sent. Pure. */
import type { ChangeProfile, PersonProfile } from '../../../api/types.js';

export const profileFields = ['name', 'phone', 'birthday', 'province', 'city', 'address'] as const;
export type ProfileField = (typeof profileFields)[number];
export type ProfileDraft = Record<ProfileField, string> & { gender: '' | 'female' | 'male' | 'other' };

/** Fields that come masked begin empty, others with what they are. */
export function toProfileDraft(profile: PersonProfile): ProfileDraft {
  const { name, gender, birthday, province, city } = profile;
  const whole = (value: string | null): string => (value && !value.includes('*') ? value : '');
  return {
    name: whole(name),
    phone: '',
    gender: gender ?? '',
    birthday: whole(birthday),
    province: whole(province),
    city: whole(city),
    address: '',
  };
}

export type ProfileProblem = 'phone' | 'birthday' | 'nothing';

export function toChange(draft: ProfileDraft, before: PersonProfile): ChangeProfile {
  const change: Record<string, string> = {};
  for (const field of profileFields) {
    const text = draft[field].trim();
    if (text && text !== before[field]) change[field] = text;
  }
  if (draft.gender && draft.gender !== before.gender) change['gender'] = draft.gender;
  return change as ChangeProfile;
}

export function profileProblem(draft: ProfileDraft, before: PersonProfile): ProfileProblem | undefined {
  const phone = draft.phone.replace(/[\s-]/g, '').replace(/^(\+|00)?86(?=1\d{10}$)/, '');
  if (phone && !/^1[3-9]\d{9}$/.test(phone)) return 'phone';
  const birthday = draft.birthday.trim();
  if (birthday && birthday !== before.birthday && !isDay(birthday)) return 'birthday';
  return Object.keys(toChange(draft, before)).length === 0 ? 'nothing' : undefined;
}

/** YYYY-MM-DD or MM-DD, and a day the calendar has. */
function isDay(text: string): boolean {
  if (!/^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text)) return false;
  const day = text.length === 5 ? `2000-${text}` : text;
  return new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;
}
