import type { Capabilities } from '../../commands/any-state/capability-table.ts';
import type { ResponseWriter } from '../../protocol/response-writer.ts';
import type { MailboxId } from '../../store/types.ts';
import type { WatchedMailboxState } from '../../store/watched.ts';
import type { Pending, PendingName } from './pending-news.ts';
import type { WatchedWorld } from './watched-changes.ts';

type Write = (writer: ResponseWriter) => void;

export type NewsOptions = {
  readonly world: WatchedWorld;
  /** The client wants mod-sequences. */
  readonly condstore: boolean;
  /** FlagChange is wanted of a mailbox, and the number of its unseen messages is the reader's. */
  readonly countsUnseen: (name: string) => boolean;
  /** A mailbox of this name is somebody else's, and is not watched. */
  readonly isUnwatched: (name: string) => boolean;
  /** Mailboxes of others that may be listed, and not read. */
  readonly noAccess: ReadonlySet<string>;
  readonly capabilities: Pick<Capabilities, 'has'>;
  /** RFC 5465, 3.1: of the selected mailbox it is told otherwise. null: none is selected. */
  readonly selected: MailboxId | null;
};

/** RFC 5465, 3.1: what NOTIFY SET STATUS answers of one mailbox; `items` beside what all are told of their messages. */
export function writeFirstStatus(
  writer: ResponseWriter,
  mailbox: WatchedMailboxState,
  items: readonly FlagItem[],
): void {
  writeStatus(writer, mailbox, [...OF_MESSAGES, ...items]);
}

/** What waits, each response by itself; names first, so that nothing is told of what the client has never heard of. */
export function* writePending(pending: Pending, options: NewsOptions): Generator<Write> {
  yield* names(pending, options);
  for (const [id, { messages, unseen }] of pending.statuses) {
    const mailbox = options.world.mailboxes.get(id);
    // Deleted, or selected, meanwhile.
    if (mailbox === undefined || id === options.selected) continue;
    const items = messages ? ofMessages(mailbox, options) : ofFlags(unseen, options);
    if (items.length > 0) yield (writer) => writeStatus(writer, mailbox, items);
  }
  for (const [name, entries] of pending.entries) {
    yield (writer) => {
      writer.raw('* METADATA ');
      if (name === '') writer.raw('""');
      else writer.mailbox(name);
      for (const entry of entries) writer.space().astring(entry);
      writer.crlf();
    };
  }
}

/** What changes with flags. */
export type FlagItem = 'UNSEEN' | 'HIGHESTMODSEQ';
type Item = 'MESSAGES' | 'UIDNEXT' | 'UIDVALIDITY' | FlagItem;

const OF_MESSAGES: readonly Item[] = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY'];

const VALUES: Readonly<Record<Item, (mailbox: WatchedMailboxState) => number>> = {
  MESSAGES: ({ messages }) => messages,
  UIDNEXT: ({ uidNext }) => uidNext,
  UIDVALIDITY: ({ uidValidity }) => uidValidity,
  UNSEEN: ({ unseen }) => unseen,
  HIGHESTMODSEQ: ({ highestModSeq }) => highestModSeq,
};

function writeStatus(writer: ResponseWriter, mailbox: WatchedMailboxState, items: readonly Item[]): void {
  const pairs = items.map((item) => `${item} ${VALUES[item](mailbox)}`);
  writer.raw('* STATUS ').mailbox(mailbox.name).space().atoms(pairs).crlf();
}

/** RFC 5465, 5.2 and 5.3. */
function ofMessages({ name }: WatchedMailboxState, { condstore, countsUnseen }: NewsOptions): readonly Item[] {
  return [...OF_MESSAGES, ...(countsUnseen(name) ? (['UNSEEN'] as const) : []), ...modSeqIf(condstore)];
}

/** RFC 5465, 5.1: without CONDSTORE there is nothing to say of flags but how many messages are unseen. */
function ofFlags(unseen: boolean, { condstore }: NewsOptions): readonly Item[] {
  if (!condstore && !unseen) return [];
  return ['UIDVALIDITY', ...(unseen ? (['UNSEEN'] as const) : []), ...modSeqIf(condstore)];
}

const modSeqIf = (condstore: boolean): readonly Item[] => (condstore ? ['HIGHESTMODSEQ'] : []);

/** RFC 5465, 5.4 and 5.5: all attributes as they are now. */
function* names({ names: changed }: Pending, options: NewsOptions): Generator<Write> {
  if (changed.size === 0) return;
  const byName = new Map(Array.from(options.world.mailboxes.values(), (mailbox) => [mailbox.name, mailbox]));
  const parents = new Set(Array.from(byName.keys()).flatMap(levelsAbove));
  for (const [name, { oldName }] of changed) {
    const known = knownAttributes({ name, mailbox: byName.get(name), parent: parents.has(name) }, options);
    // Of what is not watched it is not known here whether it is there, nor what is below it.
    const attributes = options.isUnwatched(name) ? [] : known;
    const subscribed = options.world.subscribed.has(name) ? ['\\Subscribed'] : [];
    yield (writer) => writeName(writer, { name, attributes: [...attributes, ...subscribed], oldName });
  }
}

type Known = {
  readonly name: string;
  readonly mailbox: WatchedMailboxState | undefined;
  readonly parent: boolean;
};

/** RFC 5465, 5.9: what may be listed and not read is there. */
const knownAttributes = (
  { name, mailbox, parent }: Known,
  { capabilities, noAccess }: NewsOptions,
): readonly string[] => [
  ...(mailbox === undefined ? [noAccess.has(name) ? '\\NoAccess' : '\\NonExistent'] : []),
  ...(capabilities.has('CHILDREN') ? [parent ? '\\HasChildren' : '\\HasNoChildren'] : []),
  ...(capabilities.has('SPECIAL-USE') ? (mailbox?.specialUse ?? []) : []),
];

type Name = Pick<PendingName, 'oldName'> & { readonly name: string; readonly attributes: readonly string[] };

function writeName(writer: ResponseWriter, { name, attributes, oldName }: Name): void {
  writer.raw('* LIST ').atoms(attributes).raw(' "/" ').mailbox(name);
  if (oldName !== null && oldName !== name) writer.raw(' ("OLDNAME" (').mailbox(oldName).raw('))');
  writer.crlf();
}

function levelsAbove(name: string): readonly string[] {
  const levels: string[] = [];
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) levels.push(name.slice(0, end));
  return levels;
}
