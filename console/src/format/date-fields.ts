/** Between moments (ISO 8601, UTC) and date fields (YYYY-MM-DDTHH:mm in the browser's zone, or empty). Pure. */

const two = (n: number): string => String(n).padStart(2, '0');

export function toDateField(moment: string | null): string {
  if (!moment) return '';
  const at = new Date(moment);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export const fromDateField = (field: string): string | undefined => (field ? new Date(field).toISOString() : undefined);
