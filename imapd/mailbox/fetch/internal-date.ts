const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));

/** `"17-Jul-1996 02:44:25 +0000"` with its quotes (RFC 3501, 9: date-time); a day below 10 is padded by a space. */
export function internalDateText(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  // Of each message of a long list: toISOString costs several times as much.
  const [hours, minutes] = [TWO_DIGITS[date.getUTCHours()], TWO_DIGITS[date.getUTCMinutes()]];
  const time = `${hours}:${minutes}:${TWO_DIGITS[date.getUTCSeconds()]}`;
  return `"${day}-${MONTHS[date.getUTCMonth()] ?? ''}-${year} ${time} +0000"`;
}
