import type { FetchItem } from './fetch-item.ts';
import type { ListReturn, ListSelection } from './list-options.ts';
import type { MailboxFilter } from './mailbox-filter.ts';
import type { Notify } from './notify.ts';
import type { QuickResync } from './quick-resync.ts';
import type { ReturnOptions } from './searching/return-options.ts';
import type { SearchKey } from './searching/search-key.ts';
import type { SortCriterion } from './searching/sort-criterion.ts';
import type { MessageSet } from './sets/message-set.ts';
import type { ResultRange } from './sets/result-range.ts';
import type { SequenceSet } from './sets/sequence-set.ts';
import type { StatusItem } from './status-item.ts';

/**
 * A parsed IMAP command, told apart by `name`. UID variants carry `uid: true`: the set then holds UIDs and answers carry
 * them. Mailbox names are Unicode with `INBOX` in capitals; strings are Unicode; mod-sequences are numbers, cut to 2^53 - 1.
 */
export type Command =
  | Bare
  | Authenticate
  | Login
  | Enable
  | Id
  | Compress
  | Select
  | Create
  | OneMailbox
  | Rename
  | List
  | Lsub
  | Status
  | GetQuota
  | GetQuotaRoot
  | SetQuota
  | GetMetadata
  | SetMetadata
  | SetAcl
  | NamesIdentifier
  | AsksRights
  | Append
  | Replace
  | Expunge
  | Search
  | MultiSearch
  | Sort
  | Thread
  | Fetch
  | Store
  | Transfer
  | CancelUpdate
  | Notify;

export type CommandName = Command['name'];

/** Commands without arguments. */
export interface Bare {
  readonly name:
    | 'CAPABILITY'
    | 'NOOP'
    | 'LOGOUT'
    | 'STARTTLS'
    | 'UNAUTHENTICATE'
    | 'NAMESPACE'
    | 'IDLE'
    | 'CHECK'
    | 'CLOSE'
    | 'UNSELECT';
}

export interface Authenticate {
  readonly name: 'AUTHENTICATE';
  /** In capitals. */
  readonly mechanism: string;
  /** Decoded initial response (RFC 4959; `=` is an empty one); null: ask for it with `+ `. */
  readonly initialResponse: Buffer | null;
}

export interface Login {
  readonly name: 'LOGIN';
  readonly user: string;
  readonly password: string;
}

export interface Enable {
  readonly name: 'ENABLE';
  /** In capitals, known or not. */
  readonly capabilities: readonly string[];
}

export interface Id {
  readonly name: 'ID';
  /** null for `ID NIL`. */
  readonly fields: readonly (readonly [name: string, value: string | null])[] | null;
}

export interface Compress {
  readonly name: 'COMPRESS';
  readonly mechanism: 'DEFLATE';
}

export interface Select {
  readonly name: 'SELECT' | 'EXAMINE';
  readonly mailbox: string;
  /** RFC 7162: `SELECT box (CONDSTORE)`. */
  readonly condstore: boolean;
  /** RFC 7162, 3.2.5: `SELECT box (QRESYNC (…))`. */
  readonly qresync: QuickResync | null;
}

export interface Create {
  readonly name: 'CREATE';
  /** Without the trailing delimiter that may announce children (see `mailbox-commands.ts`). */
  readonly mailbox: string;
  /** Special uses as written, each with its backslash (RFC 6154, 3); null: no USE was written. */
  readonly uses: readonly string[] | null;
}

export interface OneMailbox {
  readonly name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly mailbox: string;
}

export interface Rename {
  readonly name: 'RENAME';
  readonly from: string;
  readonly to: string;
}

export interface List {
  readonly name: 'LIST';
  readonly reference: string;
  /** With `*` and `%`; one, or several in the extended form (RFC 5258). `""` alone asks for the delimiter. */
  readonly patterns: readonly string[];
  readonly selection: ListSelection;
  readonly returns: ListReturn;
  /** Selection options, a list of patterns or RETURN were written, if only empty: no plain LIST (RFC 5258, 3). */
  readonly extended: boolean;
}

export interface Lsub {
  readonly name: 'LSUB';
  readonly reference: string;
  readonly pattern: string;
}

export interface Status {
  readonly name: 'STATUS';
  readonly mailbox: string;
  /** Without repetitions. */
  readonly items: readonly StatusItem[];
}

/** RFC 9208, 4.1. */
export interface GetQuota {
  readonly name: 'GETQUOTA';
  readonly root: string;
}

export interface GetQuotaRoot {
  readonly name: 'GETQUOTAROOT';
  readonly mailbox: string;
}

export interface SetQuota {
  readonly name: 'SETQUOTA';
  readonly root: string;
  /** Resources in capitals, known or not, each once. */
  readonly limits: readonly (readonly [resource: string, limit: number])[];
}

/** RFC 5464, 4. Entries are in small letters, each once; `mailbox` null: the server's. */
export interface GetMetadata {
  readonly name: 'GETMETADATA';
  readonly mailbox: string | null;
  readonly entries: readonly string[];
  readonly maxSize: number | null;
  readonly depth: 0 | 1 | 'infinity';
}

export interface SetMetadata {
  readonly name: 'SETMETADATA';
  readonly mailbox: string | null;
  readonly values: readonly (readonly [entry: string, value: Buffer | null])[];
}

/** RFC 4314, 3. Identifiers as written. */
export interface SetAcl {
  readonly name: 'SETACL';
  readonly mailbox: string;
  readonly identifier: string;
  readonly mode: 'replace' | 'add' | 'remove';
  /** Letters of the rights, each once, in the order of `RIGHTS`. */
  readonly rights: string;
}

export interface NamesIdentifier {
  readonly name: 'DELETEACL' | 'LISTRIGHTS';
  readonly mailbox: string;
  readonly identifier: string;
}

export interface AsksRights {
  readonly name: 'GETACL' | 'MYRIGHTS';
  readonly mailbox: string;
}

/** What an APPEND or REPLACE says, one step after the other, up to its next literal (RFC 3502; RFC 4469). */
export type AppendStep = AppendMessage | AppendUrl | AppendLiteral;

/** A message begins: what follows, up to the next one, is its content. */
export interface AppendMessage {
  readonly kind: 'message';
  readonly flags: readonly string[];
  readonly internalDate: Date | null;
  /** It is put together of literals and URLs (RFC 4469); otherwise one literal is all of it. */
  readonly catenated: boolean;
}

/** Octets that are here already. */
export interface AppendUrl {
  readonly kind: 'url';
  /** As it was written: an `imapurl` of RFC 5092, if the client is right. */
  readonly url: string;
}

/** Octets that the client sends: always the last step that is known. */
export interface AppendLiteral {
  readonly kind: 'literal';
  readonly place: LiteralPlace;
  readonly size: number;
  /** It comes as a literal8, which may hold any octets (RFC 3516). */
  readonly binary: boolean;
}

/** A whole message, text of a catenated one, each perhaps in UTF8 (…) (RFC 6855, 4), or the URL of a part. */
export type LiteralPlace = 'message' | 'utf8' | 'text' | 'utf8Text' | 'url';

/** Parsed when the first literal begins, or at the end where there is none; the literal itself streams (`framer.ts`). */
export interface Append {
  readonly name: 'APPEND';
  readonly mailbox: string;
  /** The first begins a message. */
  readonly steps: readonly AppendStep[];
}

/** As APPEND. */
export interface Replace {
  readonly name: 'REPLACE';
  readonly uid: boolean;
  /** One message. */
  readonly set: SequenceSet;
  readonly mailbox: string;
  readonly steps: readonly AppendStep[];
}

export interface Expunge {
  readonly name: 'EXPUNGE';
  /** UID EXPUNGE (RFC 4315); null for EXPUNGE. */
  readonly uids: MessageSet | null;
}

export interface Search {
  readonly name: 'SEARCH';
  readonly uid: boolean;
  /** null: answer with `* SEARCH`; otherwise `* ESEARCH`. */
  readonly returns: ReturnOptions | null;
  readonly key: SearchKey;
  /** CHARSET was written. */
  readonly namesCharset: boolean;
  /** The strings of the key are in a charset that nobody here knows: it cannot be searched for (NO [BADCHARSET …]). */
  readonly unknownCharset: boolean;
}

/** RFC 7377: what SEARCH finds in each of several mailboxes, always told by UID. */
export interface MultiSearch {
  readonly name: 'ESEARCH';
  /** null: the selected one. At least one. */
  readonly sources: readonly MailboxFilter[] | null;
  /** null: as RETURN (ALL). */
  readonly returns: ReturnOptions | null;
  readonly key: SearchKey;
  readonly namesCharset: boolean;
  readonly unknownCharset: boolean;
}

/** RFC 5256: what SEARCH finds, sorted. */
export interface Sort {
  readonly name: 'SORT';
  readonly uid: boolean;
  /** At least one. */
  readonly criteria: readonly SortCriterion[];
  /** null: answer with `* SORT`; otherwise `* ESEARCH` (RFC 5267, 3). */
  readonly returns: ReturnOptions | null;
  readonly key: SearchKey;
  readonly unknownCharset: boolean;
}

/** RFC 5256, 3. */
export type ThreadingAlgorithm = 'ORDEREDSUBJECT' | 'REFERENCES';

/** RFC 5256: what SEARCH finds, as conversations. */
export interface Thread {
  readonly name: 'THREAD';
  readonly uid: boolean;
  readonly algorithm: ThreadingAlgorithm;
  readonly key: SearchKey;
  readonly unknownCharset: boolean;
}

export interface Fetch {
  readonly name: 'FETCH';
  readonly uid: boolean;
  readonly set: MessageSet;
  /** Macros expanded, without repetitions. UID FETCH: answer with the UID whether or not it is in here. */
  readonly items: readonly FetchItem[];
  /** CHANGEDSINCE (RFC 7162, 3.1.4.1). */
  readonly changedSince: number | null;
  /** VANISHED (RFC 7162, 3.2.6): only in UID FETCH and beside CHANGEDSINCE. */
  readonly vanished: boolean;
  /** UID FETCH only these of the messages in the set (RFC 9394, 3.3). */
  readonly partial: ResultRange | null;
}

export interface Store {
  readonly name: 'STORE';
  readonly uid: boolean;
  readonly set: MessageSet;
  /** UNCHANGEDSINCE (RFC 7162, 3.1.3). */
  readonly unchangedSince: number | null;
  readonly operation: 'replace' | 'add' | 'remove';
  readonly silent: boolean;
  /** System flags in their usual spelling, keywords as written. */
  readonly flags: readonly string[];
}

/** RFC 5267, 4.3.5. */
export interface CancelUpdate {
  readonly name: 'CANCELUPDATE';
  /** Of commands, at least one. */
  readonly tags: readonly string[];
}

export interface Transfer {
  readonly name: 'COPY' | 'MOVE';
  readonly uid: boolean;
  readonly set: MessageSet;
  readonly mailbox: string;
}
