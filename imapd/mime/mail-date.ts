const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Zones with names (RFC 5322, 4.3), in hours; all other names say nothing of the zone. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
]);

/** `[Tue, ]1 Jul 2003 10:52[:37] +0200`, with the liberties of RFC 5322, 4.3. */
const RFC5322 =
  /^(?:[a-z]+\.?\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?[\s-]+(\d{2,4})(?!\d)(?:[\s,]+(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2})(?:\.\d+)?)?)?\s*(.*)$/i;
/** `Thu Feb 13 23:32:54 1997 [+0100]`: asctime. */
const ASCTIME = /^[a-z]{3}\s+([a-z]{3})\s+(\d{1,2})\s+(\d{2}):(\d{2}):(\d{2})\s+(\d{4})\s*(.*)$/i;

export interface MailDate {
  /** The day as written, whatever the zone: `YYYY-MM-DD`. */
  readonly day: string;
  readonly at: Date;
}

interface Written {
  readonly date: string | undefined;
  readonly month: string | undefined;
  readonly year: string | undefined;
  readonly time: readonly (string | undefined)[];
  readonly zone: string | undefined;
}

/** The Date field of a message; null where it names no day of the calendar. */
export function parseMailDate(text: string): MailDate | null {
  // No date is long; what is, would only cost time.
  const written = read(withoutComments(text.slice(0, 256)).trim());
  if (written === null) return null;
  const month = MONTHS.indexOf(written.month?.toLowerCase() ?? '') + 1;
  const day = calendarDay(fullYear(written.year), month, Number(written.date));
  if (day === null) return null;
  const [hours = 0, minutes = 0, seconds = 0] = written.time.map((digits) => Number(digits ?? 0));
  // RFC 5256, 2.2: what is no time counts as midnight, what is no zone as UTC. A leap second has no place in a Date.
  const valid = hours <= 23 && minutes <= 59 && seconds <= 60;
  const secondsOfDay = valid ? (hours * 60 + minutes) * 60 + Math.min(seconds, 59) : 0;
  return {
    day,
    at: new Date(Date.parse(`${day}T00:00:00Z`) + (secondsOfDay - zoneSeconds(written.zone ?? '')) * 1000),
  };
}

function read(text: string): Written | null {
  const usual = RFC5322.exec(text);
  if (usual !== null) {
    const [, date, month, year, hours, minutes, seconds, zone] = usual;
    return { date, month, year, time: [hours, minutes, seconds], zone };
  }
  const asctime = ASCTIME.exec(text);
  if (asctime === null) return null;
  const [, month, date, hours, minutes, seconds, year, zone] = asctime;
  return { date, month, year, time: [hours, minutes, seconds], zone };
}

const withoutComments = (text: string): string => text.replace(/\([^()]*\)/g, ' ');

/** RFC 5322, 4.3: two digits below 50 are of this century, three count from 1900. */
function fullYear(digits = ''): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function zoneSeconds(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)/.exec(zone) ?? [];
  if (hours !== undefined) {
    const valid = Number(hours) <= 23 && Number(minutes) <= 59;
    return valid ? (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1) : 0;
  }
  return (ZONES.get(zone.slice(0, 3).toLowerCase()) ?? 0) * 3600;
}

function calendarDay(year: number, month: number, date: number): string | null {
  const two = (n: number) => String(n).padStart(2, '0');
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`;
  const parsed = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(parsed) || !new Date(parsed).toISOString().startsWith(text) ? null : text;
}
