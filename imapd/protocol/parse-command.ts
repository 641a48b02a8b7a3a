import type { AppendStep, Bare, Command, LiteralPlace } from './command.ts';
import type { Limits } from './limits.ts';
import type { MailboxNames } from './mailbox-name.ts';
import type { Refusal } from './refusal.ts';
import { asksRights, namesIdentifier, setAcl } from './syntax/acl.ts';
import { append, furtherSteps, replace } from './syntax/append.ts';
import { Cursor } from './syntax/cursor.ts';
import { fetch } from './syntax/fetch.ts';
import { list, lsub } from './syntax/list.ts';
import { create, oneMailbox, rename, select, status } from './syntax/mailbox-commands.ts';
import { cancelUpdate, expunge, store, transfer } from './syntax/message-commands.ts';
import { getMetadata, setMetadata } from './syntax/metadata.ts';
import { notify } from './syntax/notify.ts';
import { getQuota, getQuotaRoot, setQuota } from './syntax/quota.ts';
import { multiSearch, search } from './syntax/searching/search.ts';
import { sort } from './syntax/searching/sort.ts';
import { thread } from './syntax/searching/thread.ts';
import { authenticate, compress, enable, id, login } from './syntax/session-commands.ts';
import { SyntaxFault } from './syntax/syntax-fault.ts';
import { tagOf } from './tag.ts';

/** A command and its tag, or why it is none. */
export type Parsed =
  | {
      readonly ok: true;
      readonly tag: string;
      readonly command: Command;
      /** Mailbox names of the command that the client spelt otherwise, with its spelling. */
      readonly suppliedNames: ReadonlyMap<string, string>;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** What an APPEND says behind a literal, or why it cannot be understood. */
export type ParsedSteps =
  | { readonly ok: true; readonly steps: readonly AppendStep[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** Reads the arguments, from behind the command's name. */
type Parser = (cursor: Cursor) => Command;

const bare = (name: Bare['name']): Parser => {
  return () => ({ name });
};

/** Every command, by name: to add one, write its syntax and name it here and in `command.ts`. */
const COMMANDS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['CAPABILITY', bare('CAPABILITY')],
  ['NOOP', bare('NOOP')],
  ['LOGOUT', bare('LOGOUT')],
  ['STARTTLS', bare('STARTTLS')],
  ['UNAUTHENTICATE', bare('UNAUTHENTICATE')],
  ['NAMESPACE', bare('NAMESPACE')],
  ['IDLE', bare('IDLE')],
  ['CHECK', bare('CHECK')],
  ['CLOSE', bare('CLOSE')],
  ['UNSELECT', bare('UNSELECT')],
  ['AUTHENTICATE', authenticate],
  ['LOGIN', login],
  ['ENABLE', enable],
  ['ID', id],
  ['COMPRESS', compress],
  ['SELECT', (cursor) => select(cursor, 'SELECT')],
  ['EXAMINE', (cursor) => select(cursor, 'EXAMINE')],
  ['CREATE', create],
  ['DELETE', (cursor) => oneMailbox(cursor, 'DELETE')],
  ['SUBSCRIBE', (cursor) => oneMailbox(cursor, 'SUBSCRIBE')],
  ['UNSUBSCRIBE', (cursor) => oneMailbox(cursor, 'UNSUBSCRIBE')],
  ['RENAME', rename],
  ['LIST', list],
  ['LSUB', lsub],
  ['STATUS', status],
  ['GETQUOTA', getQuota],
  ['GETQUOTAROOT', getQuotaRoot],
  ['SETQUOTA', setQuota],
  ['GETMETADATA', getMetadata],
  ['SETMETADATA', setMetadata],
  ['SETACL', setAcl],
  ['DELETEACL', (cursor) => namesIdentifier(cursor, 'DELETEACL')],
  ['LISTRIGHTS', (cursor) => namesIdentifier(cursor, 'LISTRIGHTS')],
  ['GETACL', (cursor) => asksRights(cursor, 'GETACL')],
  ['MYRIGHTS', (cursor) => asksRights(cursor, 'MYRIGHTS')],
  ['APPEND', append],
  ['REPLACE', (cursor) => replace(cursor, false)],
  ['EXPUNGE', (cursor) => expunge(cursor, false)],
  ['SEARCH', (cursor) => search(cursor, false)],
  ['ESEARCH', multiSearch],
  ['SORT', (cursor) => sort(cursor, false)],
  ['THREAD', (cursor) => thread(cursor, false)],
  ['FETCH', (cursor) => fetch(cursor, false)],
  ['STORE', (cursor) => store(cursor, false)],
  ['COPY', (cursor) => transfer(cursor, { name: 'COPY', uid: false })],
  ['MOVE', (cursor) => transfer(cursor, { name: 'MOVE', uid: false })],
  ['CANCELUPDATE', cancelUpdate],
  ['NOTIFY', notify],
  ['UID', uidCommand],
]);

/** What may follow UID (RFC 3501, 6.4.8; RFC 4315; RFC 5256; RFC 6851; RFC 8508). */
const UID_COMMANDS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['EXPUNGE', (cursor) => expunge(cursor, true)],
  ['SEARCH', (cursor) => search(cursor, true)],
  ['ESEARCH', multiSearch],
  ['SORT', (cursor) => sort(cursor, true)],
  ['THREAD', (cursor) => thread(cursor, true)],
  ['FETCH', (cursor) => fetch(cursor, true)],
  ['STORE', (cursor) => store(cursor, true)],
  ['COPY', (cursor) => transfer(cursor, { name: 'COPY', uid: true })],
  ['MOVE', (cursor) => transfer(cursor, { name: 'MOVE', uid: true })],
  ['REPLACE', (cursor) => replace(cursor, true)],
]);

/** A command as the framer gives it: tag, name, arguments. Never throws on input. */
export function parseCommand(bytes: Buffer, limits: Limits, mailboxNames: MailboxNames = 'modifiedUtf7'): Parsed {
  const tag = tagOf(bytes, limits.tag);
  if (tag === null) return refused(null, new SyntaxFault('Expected a tag at the beginning of the command'));
  return caught(tag, () => {
    const cursor = new Cursor(bytes, limits, { start: tag.length, mailboxNames });
    cursor.space();
    const command = commandNamed(cursor, COMMANDS)(cursor);
    cursor.end();
    return { ok: true, tag, command, suppliedNames: cursor.suppliedNames };
  });
}

/**
 * What stands in an APPEND behind a literal of the place `behind`, up to the next one or to the end (RFC 3502; RFC 4469), as
 * the framer gives it. Never throws on input.
 */
export function parseFurtherSteps(bytes: Buffer, behind: LiteralPlace, limits: Limits): ParsedSteps {
  return caught(null, () => {
    const cursor = new Cursor(bytes, limits);
    const steps = furtherSteps(cursor, behind);
    cursor.end();
    return { ok: true, steps };
  });
}

function uidCommand(cursor: Cursor): Command {
  cursor.space();
  return commandNamed(cursor, UID_COMMANDS)(cursor);
}

function commandNamed(cursor: Cursor, table: ReadonlyMap<string, Parser>): Parser {
  const name = cursor.word('the name of a command');
  const parser = table.get(name);
  if (parser === undefined) throw new SyntaxFault(`Unknown command ${name.slice(0, 40)}`);
  return parser;
}

type Refused = { readonly ok: false; readonly refusal: Refusal };

function caught<T>(tag: string | null, parse: () => T): T | Refused {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxFault) return refused(tag, error);
    throw error;
  }
}

const refused = (tag: string | null, fault: SyntaxFault): Refused => ({
  ok: false,
  refusal: { tag, status: fault.status, code: fault.code, text: fault.message },
});
