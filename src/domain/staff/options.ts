/** The numbers of the sign-in rules, with the values used when nothing else is configured. */

export interface StaffOptions {
  /** A session ends after this long without a request. */
  sessionHours: number;
  /** A session ends after this many days even when it is used. */
  sessionMaxDays: number;
  /** Wrong passwords for one account before it is locked. */
  lockoutFailures: number;
  /** Wrong passwords from one address, for any account, before the address is locked: an office shares one. */
  lockoutAddressFailures: number;
  /** How long wrong passwords are counted together, and how long the lock holds. */
  lockoutMinutes: number;
  /** Wrong passwords before a captcha is asked for; 0 asks always. */
  captchaAfterFailures: number;
  /** The same by address. */
  captchaAfterAddressFailures: number;
  captchaSeconds: number;
  auditDays: number;
}

export const staffDefaults: StaffOptions = {
  sessionHours: 12,
  sessionMaxDays: 7,
  lockoutFailures: 10,
  lockoutAddressFailures: 50,
  lockoutMinutes: 15,
  captchaAfterFailures: 3,
  captchaAfterAddressFailures: 10,
  captchaSeconds: 120,
  auditDays: 730,
};
