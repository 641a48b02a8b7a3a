import { type Static, Type } from 'typebox';
import { schemaDefaults } from '#runtime/schema-defaults.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** Sequence sets of offline clients are long (RFC 7162, 4). */
const LEAST_LINE = 8 * KiB;
/** RFC822.SIZE is a 32-bit number, and a body of this size still streams within its time-outs. */
const LARGEST_MESSAGE = 1024 * MiB;

const bound = (fallback: number, description: string, allowed: { minimum?: number; maximum?: number } = {}) =>
  Type.Integer({ minimum: 1, ...allowed, default: fallback, description });

/**
 * Every bound on what a client may send, in one place: the configuration's `protocol`. Sizes are octets. Pass other values
 * with `withLimits`.
 */
export const Limits = Type.Object(
  {
    line: bound(
      64 * KiB,
      'Text of one command without its literals. Long sequence sets of offline clients need room (RFC 7162, 4: ≥ 8192).',
      { minimum: LEAST_LINE },
    ),
    literalBeforeLogin: bound(
      4 * KiB,
      'One literal before sign-in: names, passwords and ID values are small, and strangers get no memory.',
    ),
    literal: bound(64 * KiB, 'One collected literal after sign-in: mailbox names, search strings.'),
    literalsTogether: bound(256 * KiB, 'All collected literals of one command.'),
    literalCount: bound(128, 'Collected literals of one command.'),
    message: bound(50 * MiB, 'A message of APPEND: what APPENDLIMIT announces. It is streamed, never collected.', {
      maximum: LARGEST_MESSAGE,
    }),
    appendMessages: bound(
      1000,
      'Messages of one APPEND (MULTIAPPEND): they become part of the mailbox in one transaction.',
    ),
    appendTogether: bound(
      256 * MiB,
      'All messages of one APPEND, where there are several; one by itself may have what `message` allows.',
    ),
    appendParts: bound(1000, 'Parts of all messages that one APPEND puts together (CATENATE).'),
    url: bound(4 * KiB, 'One URL of CATENATE.'),
    messageLimit: Type.Integer({
      minimum: 0,
      default: 0,
      description:
        'Messages that one command works on, shown as MESSAGELIMIT (RFC 9738, which wants 1000 at least); 0 = any.',
    }),
    saveLimit: Type.Integer({
      minimum: 0,
      default: 0,
      description: 'The same of COPY and APPEND alone, shown as SAVELIMIT where there is no `messageLimit`; 0 = any.',
    }),
    eightBitHeaders: Type.Union([Type.Literal('accept'), Type.Literal('refuse')], {
      default: 'accept',
      description:
        'What APPEND does with a message whose header is not ASCII, of a client that has not enabled UTF8=ACCEPT. RFC 6855 has it refused; old mail that people bring with them has such headers, and their programs enable nothing.',
    }),
    discard: bound(
      256 * MiB,
      'Non-synchronising literal that is read and thrown away to keep the connection; beyond it: BYE.',
    ),
    tag: bound(128, 'Octets of a tag.'),
    continuationLine: bound(
      16 * KiB,
      'SASL answers and DONE (RFC 4616 messages stay far below; OAuth tokens reach some KiB).',
    ),
    sequenceRanges: bound(16_384, 'Ranges in one sequence set.'),
    searchDepth: bound(
      32,
      'Parentheses, NOT and OR within one another in SEARCH: the parser and the evaluation recurse.',
      { maximum: 1000 },
    ),
    searchKeys: bound(512, 'Search keys of one SEARCH.'),
    searchedMailboxes: bound(1000, 'Mailboxes of one ESEARCH (MULTISEARCH).'),
    fetchItems: bound(64, 'Items of one FETCH.'),
    notifyGroups: bound(32, 'Groups of events in one NOTIFY.'),
    notifyMailboxes: bound(1000, 'Names of mailboxes in one group of NOTIFY.'),
    headerFields: bound(256, 'Field names of one HEADER.FIELDS.'),
    partDepth: bound(64, 'Numbers of a part specifier.'),
    flags: bound(128, 'Flags and keywords of one STORE or APPEND.'),
    keyword: bound(255, 'UTF-8 octets of a keyword.'),
    mailboxName: bound(1024, 'UTF-8 octets of a decoded mailbox name.'),
    listPatterns: bound(64, 'Patterns of one LIST.'),
    metadataEntries: bound(64, 'Entries of one GETMETADATA, SETMETADATA, or LIST RETURN (METADATA …).'),
    idFields: bound(30, 'RFC 2971, 3.3: at most 30 pairs.'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Bounds on what a client may send, mostly in octets or numbers of things.',
  },
);
export type Limits = Readonly<Static<typeof Limits>>;

export const DEFAULT_LIMITS: Limits = schemaDefaults(Limits);

export const withLimits = (changes: Partial<Limits>): Limits => ({ ...DEFAULT_LIMITS, ...changes });
