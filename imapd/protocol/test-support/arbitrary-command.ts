import fc from 'fast-check';
import type { Command, GetMetadata, SetAcl } from '../command.ts';
import type { FetchItem } from '../fetch-item.ts';
import type { MailboxFilter } from '../mailbox-filter.ts';
import { canonicalInbox } from '../mailbox-name.ts';
import type { NotifyEvent } from '../notify.ts';
import type { QuickResync } from '../quick-resync.ts';
import type { ReturnOptions, SearchReturn } from '../searching/return-options.ts';
import type { SearchKey } from '../searching/search-key.ts';
import type { Section, SectionText } from '../section.ts';
import { IdSet } from '../sets/id-set.ts';
import { type MessageSet, SAVED } from '../sets/message-set.ts';
import type { ResultRange } from '../sets/result-range.ts';
import { SequenceSet } from '../sets/sequence-set.ts';
import { STATUS_ITEMS } from '../status-item.ts';
import { sectionLabel } from '../syntax/section.ts';
import { appendSteps } from './arbitrary-steps.ts';

/** Any command that `parseCommand` may give, for property tests. */

const isPlain = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((value) => !value.includes('\0') && value.isWellFormed());
const name = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((value) => canonicalInbox(value.normalize('NFC')))
  .filter(isPlain);
const mailbox = name.filter((value) => value !== '' && !(value.length > 1 && value.endsWith('/')));
const atom = fc.stringMatching(/^[A-Z0-9$_.-]{1,10}$/);
const bound = fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 0xffff_ffff }));
const sequenceSet = fc
  .array(fc.tuple(bound, bound), { minLength: 1, maxLength: 5 })
  .map((pairs) => SequenceSet.ofBounds(pairs.flat()));
const set: fc.Arbitrary<MessageSet> = fc.oneof({ weight: 4, arbitrary: sequenceSet }, fc.constant(SAVED));
const modSequence = fc.maxSafeNat();
const knownId = fc.integer({ min: 1, max: 0xffff_ffff });
const knownSet = fc
  .array(fc.tuple(knownId, knownId), { minLength: 1, maxLength: 5 })
  .map((pairs) => SequenceSet.ofBounds(pairs.flat()));
/** As many numbers as UIDs. */
const match = fc
  .tuple(
    fc.uniqueArray(knownId, { minLength: 1, maxLength: 9 }),
    fc.uniqueArray(knownId, { minLength: 9, maxLength: 9 }),
  )
  .map(([numbers, uids]) => ({ numbers: IdSet.of(numbers), uids: IdSet.of(uids.slice(0, numbers.length)) }));
const uid = fc.boolean();
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const instant = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));
const flag = fc.oneof(fc.constantFrom('\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'), atom);
const flags = fc.uniqueArray(flag, { maxLength: 5, selector: (value) => value.toLowerCase() });
const statusItems = fc.uniqueArray(fc.constantFrom(...STATUS_ITEMS), { minLength: 1 });

const fieldName = fc.stringMatching(/^[!-9;-~]{1,10}$/);
const sectionText: fc.Arbitrary<SectionText> = fc.oneof(
  fc.record({ kind: fc.constantFrom('HEADER', 'TEXT') }),
  fc.record({
    kind: fc.constantFrom('HEADER.FIELDS', 'HEADER.FIELDS.NOT'),
    fields: fc.array(fieldName, { minLength: 1, maxLength: 4 }),
  }),
);
const section: fc.Arbitrary<Section> = fc
  .record({
    part: fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 4 }),
    text: orNull(sectionText),
    mime: fc.boolean(),
  })
  .map(({ part, text, mime }) => ({ part, text: mime && part.length > 0 ? { kind: 'MIME' } : text }));

const sectionItem: fc.Arbitrary<FetchItem> = fc
  .record({
    section,
    peek: fc.boolean(),
    partial: orNull(fc.record({ offset: fc.nat(), length: fc.integer({ min: 1 }) })),
  })
  .map((item) => {
    const label = `BODY${sectionLabel(item.section)}${item.partial === null ? '' : `<${item.partial.offset}>`}`;
    return { kind: 'SECTION', label, ...item };
  });

const partNumbers = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 4 });
const binaryItem: fc.Arbitrary<FetchItem> = fc
  .record({
    part: partNumbers,
    peek: fc.boolean(),
    partial: orNull(fc.record({ offset: fc.nat(), length: fc.integer({ min: 1 }) })),
  })
  .map((item) => {
    const label = `BINARY[${item.part.join('.')}]${item.partial === null ? '' : `<${item.partial.offset}>`}`;
    return { kind: 'BINARY', label, ...item };
  });
const binarySizeItem: fc.Arbitrary<FetchItem> = partNumbers.map((part) => ({
  kind: 'BINARY.SIZE',
  label: `BINARY.SIZE[${part.join('.')}]`,
  part,
}));

const previewItem: fc.Arbitrary<FetchItem> = fc.record({ kind: fc.constant('PREVIEW'), lazy: fc.boolean() });

const rfc822Item: fc.Arbitrary<FetchItem> = fc.constantFrom(
  { kind: 'SECTION', label: 'RFC822', section: { part: [], text: null }, peek: false, partial: null },
  {
    kind: 'SECTION',
    label: 'RFC822.HEADER',
    section: { part: [], text: { kind: 'HEADER' } },
    peek: true,
    partial: null,
  },
  { kind: 'SECTION', label: 'RFC822.TEXT', section: { part: [], text: { kind: 'TEXT' } }, peek: false, partial: null },
);

const attribute: fc.Arbitrary<FetchItem> = fc.record({
  kind: fc.constantFrom(
    'FLAGS',
    'UID',
    'INTERNALDATE',
    'RFC822.SIZE',
    'ENVELOPE',
    'BODY',
    'BODYSTRUCTURE',
    'MODSEQ',
    'EMAILID',
    'THREADID',
    'SAVEDATE',
  ),
});

const { key: searchKey } = fc.letrec<{ key: SearchKey }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<SearchKey>({ kind: 'all' }, { kind: 'saveDateSupported' }),
    fc.record({ kind: fc.constant('flag'), flag, set: fc.boolean() }),
    fc.record({ kind: fc.constant('recent'), set: fc.boolean() }),
    fc.record({ kind: fc.constant('header'), field: text, value: text }),
    fc.record({ kind: fc.constantFrom('body', 'text'), value: text }),
    fc.record({
      kind: fc.constantFrom('internalDate', 'sentDate', 'savedDate'),
      relation: fc.constantFrom('before', 'on', 'since'),
      day,
    }),
    fc.record({
      kind: fc.constant('age'),
      relation: fc.constantFrom('older', 'younger'),
      seconds: fc.integer({ min: 1, max: 0xffff_ffff }),
    }),
    fc.record({ kind: fc.constant('size'), relation: fc.constantFrom('larger', 'smaller'), octets: fc.nat() }),
    fc.record({ kind: fc.constantFrom('sequence', 'uid'), set }),
    fc.record({ kind: fc.constantFrom('emailId', 'threadId'), id: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/) }),
    fc.record({ kind: fc.constant('modseq'), atLeast: modSequence }),
    fc.record({ kind: fc.constant('not'), key: tie('key') }),
    fc.record({ kind: fc.constant('fuzzy'), key: tie('key') }),
    fc.record({ kind: fc.constant('or'), left: tie('key'), right: tie('key') }),
    fc.record({ kind: fc.constant('and'), keys: fc.array(tie('key'), { minLength: 2, maxLength: 3 }) }),
  ),
}));

type Depth = GetMetadata['depth'];
const entry = fc.stringMatching(/^\/(private|shared)(\/[a-z0-9.-]{1,5}){1,3}$/);
const entries = fc.uniqueArray(entry, { minLength: 1, maxLength: 4 });
const identifier = fc.constantFrom('anyone', '-anyone', 'bob@example.org', '$team', 'Zo\u00eb', '- x');
const value = fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes));

const list: fc.Arbitrary<Command> = fc
  .record({
    reference: name,
    patterns: fc.array(name, { minLength: 1, maxLength: 3 }),
    selection: fc.record({
      subscribed: fc.boolean(),
      remote: fc.boolean(),
      recursiveMatch: fc.boolean(),
      specialUse: fc.boolean(),
    }),
    returns: fc.record({
      subscribed: fc.boolean(),
      children: fc.boolean(),
      specialUse: fc.boolean(),
      status: orNull(statusItems),
      metadata: orNull(entries),
      myRights: fc.boolean(),
    }),
  })
  .map(({ selection, returns, ...rest }) => ({
    name: 'LIST',
    ...rest,
    selection: {
      ...selection,
      recursiveMatch: selection.recursiveMatch && (selection.subscribed || selection.specialUse),
    },
    returns: {
      ...returns,
      subscribed: returns.subscribed || selection.subscribed,
      specialUse: returns.specialUse || selection.specialUse,
    },
    // As `encode-command.ts` writes it: nothing that is empty.
    extended:
      rest.patterns.length > 1 ||
      returns.status !== null ||
      returns.metadata !== null ||
      [selection.subscribed, selection.remote, selection.specialUse].includes(true) ||
      [returns.subscribed, returns.children, returns.specialUse, returns.myRights].includes(true),
  }));

const qresync: fc.Arbitrary<QuickResync | null> = orNull(
  fc.record({ uidValidity: knownId, modSeq: modSequence, uids: orNull(knownSet), match: orNull(match) }),
);
const position = fc.integer({ min: 1, max: 0xffff_ffff });
const resultRange: fc.Arbitrary<ResultRange> = fc.record({ from: position, to: position, fromEnd: fc.boolean() });

const fetch: fc.Arbitrary<Command> = fc
  .record({
    uid,
    set,
    items: fc.uniqueArray(fc.oneof(attribute, rfc822Item, sectionItem, binaryItem, binarySizeItem, previewItem), {
      minLength: 1,
      maxLength: 8,
      selector: (item) =>
        'partial' in item ? `${item.peek} ${item.label} ${item.partial?.length}` : JSON.stringify(item),
    }),
    changedSince: orNull(modSequence),
    vanished: fc.boolean(),
    partial: orNull(resultRange),
  })
  .map(({ items, changedSince, vanished, partial, ...rest }) => {
    const told = changedSince === null || items.some((item) => item.kind === 'MODSEQ');
    const all: FetchItem[] = told ? items : [...items, { kind: 'MODSEQ' }];
    return {
      name: 'FETCH',
      ...rest,
      items: all,
      changedSince,
      vanished: vanished && rest.uid && changedSince !== null,
      partial: rest.uid ? partial : null,
    };
  });

const steps = appendSteps({ flags, internalDate: orNull(instant) });
const append: fc.Arbitrary<Command> = fc.record({ name: fc.constant('APPEND'), mailbox, steps });
const replace: fc.Arbitrary<Command> = fc.record({
  name: fc.constant('REPLACE'),
  uid,
  set: bound.map((number) => SequenceSet.ofBounds([number, number])),
  mailbox,
  steps,
});

const returns: fc.Arbitrary<ReturnOptions> = fc
  .record({
    items: fc.uniqueArray(fc.constantFrom<SearchReturn>('MIN', 'MAX', 'ALL', 'COUNT')),
    save: fc.boolean(),
    update: fc.boolean(),
    updateFetch: fc.constant([]),
    context: fc.boolean(),
    partial: orNull(resultRange),
  })
  .map(({ items, ...others }) => {
    if (others.partial !== null) return { items: items.filter((item) => item !== 'ALL'), ...others };
    return { items: items.length === 0 && !others.save && !others.update ? ['ALL'] : items, ...others };
  });

const search: fc.Arbitrary<Command> = fc.record({
  name: fc.constant('SEARCH'),
  uid,
  returns: orNull(returns),
  key: searchKey,
  namesCharset: fc.constant(true),
  unknownCharset: fc.constant(false),
});

const filter: fc.Arbitrary<MailboxFilter> = fc.oneof(
  fc.record({ kind: fc.constantFrom('selected', 'inboxes', 'personal', 'subscribed') }),
  fc.record({
    kind: fc.constantFrom('subtree', 'subtree-one', 'mailboxes'),
    names: fc.array(mailbox, { minLength: 1, maxLength: 3 }),
  }),
);
const multiSearch: fc.Arbitrary<Command> = fc.record({
  name: fc.constant('ESEARCH'),
  sources: orNull(fc.array(filter, { minLength: 1, maxLength: 3 })),
  returns: orNull(returns),
  key: searchKey,
  namesCharset: fc.constant(true),
  unknownCharset: fc.constant(false),
});

const sort: fc.Arbitrary<Command> = fc.record({
  name: fc.constant('SORT'),
  uid,
  criteria: fc.array(
    fc.record({
      key: fc.constantFrom('ARRIVAL', 'CC', 'DATE', 'FROM', 'SIZE', 'SUBJECT', 'TO', 'DISPLAYFROM', 'DISPLAYTO'),
      reverse: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  returns: orNull(returns),
  key: searchKey,
  unknownCharset: fc.constant(false),
});

const thread: fc.Arbitrary<Command> = fc.record({
  name: fc.constant('THREAD'),
  uid,
  algorithm: fc.constantFrom('ORDEREDSUBJECT', 'REFERENCES'),
  key: searchKey,
  unknownCharset: fc.constant(false),
});

const store: fc.Arbitrary<Command> = fc.record({
  name: fc.constant('STORE'),
  uid,
  set,
  unchangedSince: orNull(modSequence),
  operation: fc.constantFrom('replace', 'add', 'remove'),
  silent: fc.boolean(),
  flags,
});

const messageEvents = fc.constantFrom<readonly NotifyEvent[]>(
  [],
  ['MessageNew', 'MessageExpunge'],
  ['MessageNew', 'MessageExpunge', 'FlagChange'],
);
const nameEvents = fc.constantFrom<readonly NotifyEvent[]>([], ['MailboxName'], ['MailboxName', 'SubscriptionChange']);
const names = fc.uniqueArray(mailbox, { minLength: 1, maxLength: 3 });
const otherGroup = fc
  .record({
    filter: fc.oneof(
      fc.record({ kind: fc.constantFrom<'inboxes' | 'personal' | 'subscribed'>('inboxes', 'personal', 'subscribed') }),
      fc.record({ kind: fc.constantFrom<'subtree' | 'mailboxes'>('subtree', 'mailboxes'), names }),
    ),
    messages: messageEvents,
    mailboxes: nameEvents,
  })
  .map(({ filter, messages, mailboxes }) => ({ filter, events: [...messages, ...mailboxes], unknown: [], fetch: [] }));
const notify: fc.Arbitrary<Command> = fc.oneof(
  fc.constant<Command>({ name: 'NOTIFY', status: false, groups: null }),
  fc.record({
    name: fc.constant('NOTIFY'),
    status: fc.boolean(),
    groups: fc.array(otherGroup, { minLength: 1, maxLength: 3 }),
  }),
);

const idName = text.filter((value) => Buffer.byteLength(value) <= 30);
const idFields = fc.array(fc.tuple(idName, orNull(text)), { maxLength: 4 });

/** One entry a name of command, so that none is forgotten: the type sees to it. */
const byName: { readonly [N in Command['name']]: fc.Arbitrary<Command> } = {
  CAPABILITY: fc.constant({ name: 'CAPABILITY' }),
  NOOP: fc.constant({ name: 'NOOP' }),
  LOGOUT: fc.constant({ name: 'LOGOUT' }),
  STARTTLS: fc.constant({ name: 'STARTTLS' }),
  UNAUTHENTICATE: fc.constant({ name: 'UNAUTHENTICATE' }),
  NAMESPACE: fc.constant({ name: 'NAMESPACE' }),
  IDLE: fc.constant({ name: 'IDLE' }),
  CHECK: fc.constant({ name: 'CHECK' }),
  CLOSE: fc.constant({ name: 'CLOSE' }),
  UNSELECT: fc.constant({ name: 'UNSELECT' }),
  AUTHENTICATE: fc.record({
    name: fc.constant('AUTHENTICATE'),
    mechanism: atom,
    initialResponse: orNull(fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes))),
  }),
  LOGIN: fc.record({ name: fc.constant('LOGIN'), user: text, password: text }),
  ENABLE: fc.record({ name: fc.constant('ENABLE'), capabilities: fc.array(atom, { minLength: 1, maxLength: 4 }) }),
  ID: fc.record({ name: fc.constant('ID'), fields: orNull(idFields) }),
  COMPRESS: fc.constant({ name: 'COMPRESS', mechanism: 'DEFLATE' }),
  SELECT: fc.record({ name: fc.constant('SELECT'), mailbox, condstore: fc.boolean(), qresync }),
  EXAMINE: fc.record({ name: fc.constant('EXAMINE'), mailbox, condstore: fc.boolean(), qresync }),
  CREATE: fc.record({
    name: fc.constant('CREATE'),
    mailbox,
    uses: orNull(fc.array(fc.constantFrom('\\Sent', '\\all', '\\X-Use'), { maxLength: 3 })),
  }),
  DELETE: fc.record({ name: fc.constant('DELETE'), mailbox }),
  SUBSCRIBE: fc.record({ name: fc.constant('SUBSCRIBE'), mailbox }),
  UNSUBSCRIBE: fc.record({ name: fc.constant('UNSUBSCRIBE'), mailbox }),
  RENAME: fc.record({ name: fc.constant('RENAME'), from: mailbox, to: mailbox }),
  LIST: list,
  LSUB: fc.record({ name: fc.constant('LSUB'), reference: name, pattern: name }),
  STATUS: fc.record({ name: fc.constant('STATUS'), mailbox, items: statusItems }),
  GETQUOTA: fc.record({ name: fc.constant('GETQUOTA'), root: text }),
  GETQUOTAROOT: fc.record({ name: fc.constant('GETQUOTAROOT'), mailbox }),
  SETQUOTA: fc.record({
    name: fc.constant('SETQUOTA'),
    root: text,
    limits: fc.uniqueArray(fc.tuple(atom, fc.maxSafeNat()), { maxLength: 4, selector: ([resource]) => resource }),
  }),
  GETMETADATA: fc.record({
    name: fc.constant('GETMETADATA'),
    mailbox: orNull(mailbox),
    entries,
    maxSize: orNull(fc.nat()),
    depth: fc.constantFrom<Depth>(0, 1, 'infinity'),
  }),
  SETMETADATA: fc.record({
    name: fc.constant('SETMETADATA'),
    mailbox: orNull(mailbox),
    values: fc.uniqueArray(fc.tuple(entry, orNull(value)), { minLength: 1, maxLength: 4, selector: ([name]) => name }),
  }),
  SETACL: fc.record({
    name: fc.constant('SETACL'),
    mailbox,
    identifier,
    mode: fc.constantFrom<SetAcl['mode']>('replace', 'add', 'remove'),
    rights: fc.subarray([...'lrswipkxtea']).map((letters) => letters.join('')),
  }),
  DELETEACL: fc.record({ name: fc.constant('DELETEACL'), mailbox, identifier }),
  LISTRIGHTS: fc.record({ name: fc.constant('LISTRIGHTS'), mailbox, identifier }),
  GETACL: fc.record({ name: fc.constant('GETACL'), mailbox }),
  MYRIGHTS: fc.record({ name: fc.constant('MYRIGHTS'), mailbox }),
  APPEND: append,
  REPLACE: replace,
  EXPUNGE: fc.record({ name: fc.constant('EXPUNGE'), uids: orNull(set) }),
  SEARCH: search,
  ESEARCH: multiSearch,
  SORT: sort,
  THREAD: thread,
  FETCH: fetch,
  STORE: store,
  COPY: fc.record({ name: fc.constant('COPY'), uid, set, mailbox }),
  NOTIFY: notify,
  CANCELUPDATE: fc.record({
    name: fc.constant('CANCELUPDATE'),
    tags: fc.array(atom, { minLength: 1, maxLength: 3 }),
  }),
  MOVE: fc.record({ name: fc.constant('MOVE'), uid, set, mailbox }),
};

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(...Object.values(byName));
