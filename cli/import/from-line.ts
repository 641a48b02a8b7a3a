const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The date of a `From ` line of an mbox (RFC 4155: `From ada@example.org Mon Sep 17 00:00:00 2001`, in UTC; some
 * programs put a zone before or after the year). null where the line has none: then it is no separator.
 */
export function fromLineDate(line: string): Date | null {
  const match =
    /^From .*\b(?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) +(?<time>\d{1,2}:\d{2}(?::\d{2})?)(?: +(?:[A-Z]{1,5}|[+-]\d{4}))? +(?<year>\d{4})(?: +(?<zone>[+-]\d{4}))?\s*$/.exec(
      line,
    );
  const { month = '', day, time = '', year, zone } = match?.groups ?? {};
  const number = MONTHS.indexOf(month) + 1;
  if (match === null || number === 0) return null;
  const clock = time.length < 'hh:mm:ss'.length - 1 ? `${time}:00` : time;
  const two = (value: string | number | undefined): string => String(value).padStart(2, '0');
  const offset = zone === undefined ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const date = new Date(`${year}-${two(number)}-${two(day)}T${clock.padStart('hh:mm:ss'.length, '0')}${offset}`);
  return Number.isNaN(date.getTime()) ? null : date;
}
