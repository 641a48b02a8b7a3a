import { canonicalIdentifier } from '../../acl/identifiers.ts';
import { expandRights } from '../../acl/rights.ts';
import type { AsksRights, NamesIdentifier, SetAcl } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { mailbox } from './mailbox.ts';

const MODES: Readonly<Record<string, SetAcl['mode']>> = { '+': 'add', '-': 'remove' };

/** SETACL mailbox identifier [+|-]rights: RFC 4314, 3.1. A right that is not known is a mistake of the client. */
export function setAcl(cursor: Cursor): SetAcl {
  const { mailbox: chosen, identifier: whose } = namesIdentifier(cursor, 'DELETEACL');
  cursor.space();
  const written = cursor.astring('rights');
  const mode = MODES[written[0] ?? ''] ?? 'replace';
  const rights = expandRights(mode === 'replace' ? written : written.slice(1));
  if (rights === null) return cursor.fail('rights out of lrswipkxtea, c and d, before this');
  return { name: 'SETACL', mailbox: chosen, identifier: whose, mode, rights };
}

/** DELETEACL mailbox identifier: RFC 4314, 3.2. LISTRIGHTS mailbox identifier: 3.4. */
export function namesIdentifier(cursor: Cursor, name: NamesIdentifier['name']): NamesIdentifier {
  cursor.space();
  const chosen = mailbox(cursor);
  cursor.space();
  const identifier = cursor.text('an identifier');
  if (canonicalIdentifier(identifier) === null) cursor.fail('an identifier before this');
  return { name, mailbox: chosen, identifier };
}

/** GETACL mailbox: RFC 4314, 3.3. MYRIGHTS mailbox: 3.5. */
export function asksRights(cursor: Cursor, name: AsksRights['name']): AsksRights {
  cursor.space();
  return { name, mailbox: mailbox(cursor) };
}
