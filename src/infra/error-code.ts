/** The code of a failed system or database call. Looks at the value alone: an error may come from another realm than ours. */
export function hasErrorCode(error: unknown, code: string | number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
