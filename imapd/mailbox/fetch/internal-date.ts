const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `"17-Jul-1996 02:44:25 +0000"` with its quotes (RFC 3501, 9: date-time); a day below 10 is padded by a space. */
export function internalDateText(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `"${day}-${MONTHS[date.getUTCMonth()] ?? ''}-${year} ${date.toISOString().slice(11, 19)} +0000"`;
}
