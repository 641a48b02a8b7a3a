import type { GrammarCursor } from './grammar-cursor.ts';
import { atom } from './strings.ts';

const SYSTEM = ['\\ANSWERED', '\\FLAGGED', '\\DELETED', '\\SEEN', '\\DRAFT'];

type Extra = '\\RECENT' | '\\*' | null;

/** `flag-list`, each flag once. A server makes up no flag-extension; `extra` is what else this place allows. */
export function flagList(cursor: GrammarCursor, extra: Extra): string[] {
  const flags = cursor.list((at) => flag(at, extra), { least: 0 });
  if (new Set(flags.map((each) => each.toLowerCase())).size < flags.length) cursor.fail('each flag once before this');
  return flags;
}

function flag(cursor: GrammarCursor, extra: Extra): string {
  if (!cursor.has('\\')) return atom(cursor);
  const name = cursor.has('*') ? '\\*' : `\\${atom(cursor)}`;
  if (!SYSTEM.includes(name.toUpperCase()) && name.toUpperCase() !== extra) cursor.fail(`a known flag, not ${name},`);
  return name;
}
