/** Codes of vouchers: whoever knows one may use it, so nobody must guess one. */
import { randomInt } from 'node:crypto';

/** Digits and capital letters without those that look like another (0 O, 1 I L). */
export const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
/** 18 of 31 signs: 89 bits. */
export const CODE_LENGTH = 18;

export const newCode = (): string =>
  Array.from({ length: CODE_LENGTH }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('');

/** As people type it: small letters, spaces and dashes do not matter. */
export const tidyCode = (code: string): string => code.replace(/[\s-]/g, '').toUpperCase();

/** What may be shown of a code. */
export const codeEnd = (code: string): string => `…${code.slice(-4)}`;
