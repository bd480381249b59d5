/** Ages as the law sees them: under 14 nothing without a guardian, under 18 no automated marketing. Pure. */
import type { AgeBand, ProfileFields } from './profile-model.js';

/** Undefined for a birthday without a year. Whole years by the calendar of `at` in UTC+8, where the law counts. */
export function ageBandOf(birthday: string, at: Date): AgeBand | undefined {
  if (birthday.length < 10) return undefined;
  const today = new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(birthday.slice(0, 4));
  const age = today.slice(5) < birthday.slice(5) ? years - 1 : years;
  return age < 14 ? 'under14' : age < 18 ? '14to17' : 'adult';
}

/** One record that says so is enough: a gate that is shut too often harms nobody. */
export function isMinor(records: ReadonlyArray<Pick<ProfileFields, 'age'>>): boolean {
  return records.some(({ age }) => age !== undefined && age.band !== 'adult');
}

export function hasGuardian(records: ReadonlyArray<Pick<ProfileFields, 'age'>>): boolean {
  return records.some(({ age }) => age?.guardian === true);
}
