/** What every route of shop systems shares. */

/** An order of 200 items with long names is a quarter of a megabyte. */
export const OPEN_MAX_BYTES = 512 * 1024;
