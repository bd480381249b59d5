/** Curves that end now instead of falling to nothing. Pure. */

/** `hour`: of the latest hour that has begun; what lies behind it is null unless something is there. */
export const hoursSoFar = (values: readonly number[], hour: number): Array<number | null> =>
  values.map((value, index) => (index <= hour || value > 0 ? value : null));
