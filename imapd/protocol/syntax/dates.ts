import type { Day } from '../searching/search-key.ts';
import type { Cursor } from './cursor.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE = /(\d{1,2})-([a-z]{3})-(\d{4})/iy;
const DATE_TIME = /"( \d|\d\d)-([a-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"/iy;

/** `1-Feb-1994`, perhaps in quotes. */
export function day(cursor: Cursor): Day {
  const quoted = cursor.skip('"');
  const [, date, month, year] = cursor.match(DATE) ?? cursor.fail('a date such as 1-Feb-1994');
  const found = calendarDay(Number(year), monthNumber(month), Number(date)) ?? cursor.fail('a day of the calendar');
  if (quoted) cursor.expect('"');
  return found;
}

/** `"17-Jul-1996 02:44:25 -0700"`, with its quotes. */
export function dateTime(cursor: Cursor): Date {
  const what = 'a date and time such as "17-Jul-1996 02:44:25 -0700"';
  const [, date, month, year, ...time] = cursor.match(DATE_TIME) ?? cursor.fail(what);
  const ymd = calendarDay(Number(year), monthNumber(month), Number(date)) ?? cursor.fail('a day of the calendar');
  const [hours, minutes, seconds] = time.slice(0, 3).map(Number) as [number, number, number];
  const [zoneHours, zoneMinutes] = time.slice(4).map(Number) as [number, number];
  if (hours > 23 || minutes > 59 || seconds > 60 || zoneHours > 23 || zoneMinutes > 59)
    cursor.fail('a time of the day');
  const zone = (zoneHours * 60 + zoneMinutes) * (time[3] === '-' ? -1 : 1);
  return new Date(Date.parse(`${ymd}T00:00:00Z`) + ((hours * 60 + minutes - zone) * 60 + seconds) * 1000);
}

const monthNumber = (name = ''): number => MONTHS.indexOf(name.toLowerCase()) + 1;

/** null for a 31st of June. */
function calendarDay(year: number, month: number, date: number): Day | null {
  const two = (n: number) => String(n).padStart(2, '0');
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text) ? text : null;
}
