import type { Create, OneMailbox, Rename, Select, Status } from '../command.ts';
import { STATUS_ITEMS, type StatusItem } from '../status-item.ts';
import type { Cursor } from './cursor.ts';
import { mailbox } from './mailbox.ts';
import { quickResync } from './quick-resync.ts';

/** SELECT and EXAMINE mailbox [(CONDSTORE QRESYNC (…))]: RFC 3501, 6.3.1; RFC 4466; RFC 7162, 3.1.8 and 3.2.5. */
export function select(cursor: Cursor, name: Select['name']): Select {
  cursor.space();
  const chosen = mailbox(cursor);
  const parameters = cursor.more() ? selectParameters(cursor) : NO_PARAMETERS;
  return { name, mailbox: chosen, ...parameters };
}

type SelectParameters = Pick<Select, 'condstore' | 'qresync'>;

const NO_PARAMETERS: SelectParameters = { condstore: false, qresync: null };

function selectParameters(cursor: Cursor): SelectParameters {
  const all = cursor.list(() => selectParameter(cursor), { of: 'SELECT parameters', most: 8 });
  return Object.assign({ ...NO_PARAMETERS }, ...all) as SelectParameters;
}

function selectParameter(cursor: Cursor): Partial<SelectParameters> {
  const parameter = cursor.oneOf(['CONDSTORE', 'QRESYNC'], 'a SELECT parameter');
  return parameter === 'CONDSTORE' ? { condstore: true } : { qresync: quickResync(cursor) };
}

/** CREATE mailbox [(USE (\\Sent …))]: RFC 3501, 6.3.3; RFC 4466, 2.2; RFC 6154, 3 and 6. */
export function create(cursor: Cursor): Create {
  cursor.space();
  const chosen = mailbox(cursor);
  // A delimiter at the end announces that children will follow (RFC 3501, 6.3.3); any mailbox of ours may have some.
  const announcesChildren = chosen.length > 1 && chosen.endsWith('/');
  const name = announcesChildren ? chosen.slice(0, -1) : chosen;
  return { name: 'CREATE', mailbox: name, uses: cursor.more() ? createParameters(cursor) : null };
}

/** USE is the one parameter there is, and written once. */
function createParameters(cursor: Cursor): readonly string[] {
  cursor.expect('(');
  cursor.oneOf(['USE'], 'a CREATE parameter');
  cursor.space();
  const uses = cursor.list(() => specialUse(cursor), { of: 'special uses', most: 16 });
  cursor.expect(')');
  return uses;
}

function specialUse(cursor: Cursor): string {
  cursor.expect('\\');
  return `\\${cursor.atom('a special use')}`;
}

/** DELETE, SUBSCRIBE, UNSUBSCRIBE mailbox. */
export function oneMailbox(cursor: Cursor, name: OneMailbox['name']): OneMailbox {
  cursor.space();
  return { name, mailbox: mailbox(cursor) };
}

/** RENAME from to: RFC 3501, 6.3.5. */
export function rename(cursor: Cursor): Rename {
  cursor.space();
  const from = mailbox(cursor);
  cursor.space();
  return { name: 'RENAME', from, to: mailbox(cursor) };
}

/** STATUS mailbox (items): RFC 3501, 6.3.10. */
export function status(cursor: Cursor): Status {
  cursor.space();
  const chosen = mailbox(cursor);
  cursor.space();
  return { name: 'STATUS', mailbox: chosen, items: statusItems(cursor) };
}

/** `(MESSAGES UIDNEXT …)`, also in LIST RETURN (STATUS …). */
export function statusItems(cursor: Cursor): StatusItem[] {
  const item = () => cursor.oneOf(STATUS_ITEMS, 'a STATUS item');
  const items = cursor.list(item, { of: 'STATUS items', most: 32 });
  return items.length > 0 ? [...new Set(items)] : cursor.fail('a STATUS item');
}
