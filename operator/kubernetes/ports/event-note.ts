import { codes } from '#runtime/error-codes.ts';
import type { OperatorEvent } from '../../ports.ts';

/** Of the API, in octets. */
const MOST_OCTETS = 1024;
const ELLIPSIS = '…';

/** What an Event says: what happened, then the details, then what to do about it. */
export function eventNote({ code, message, fields = {} }: Omit<OperatorEvent, 'partition'>): string {
  const { what, todo } = codes[code];
  const details = Object.entries(fields).flatMap(([name, value]) => detail(name, value));
  const said = details.length === 0 ? (message ?? what) : `${message ?? what} (${details.join(', ')})`;
  // A message made for the occasion says itself what to do about it.
  return cut(todo === undefined || message !== undefined ? said : `${said} ${todo}`, MOST_OCTETS);
}

/** `writer lost` of `writerLost`; nothing of what is not known. */
function detail(name: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return [`${words} ${shown(value)}`];
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(' ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${shown(inner)}`)
    .join(' ');
}

/** To so many octets, between two characters. */
function cut(text: string, octets: number): string {
  if (Buffer.byteLength(text) <= octets) return text;
  let room = octets - Buffer.byteLength(ELLIPSIS);
  let end = 0;
  for (const character of text) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    end += character.length;
  }
  return `${text.slice(0, end)}${ELLIPSIS}`;
}
