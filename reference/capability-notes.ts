import type { CapabilityName } from '#imapd/commands/capability-table.ts';

/** What the table of capabilities in imapd/commands does not say: kept by hand, whole by its type. */
export type CapabilityNote = {
  readonly what: string;
  /** Where it is implemented, from the top of the repository. A test holds these against the files. */
  readonly where: string;
  /** What `ImapCluster.spec.capabilities.disabled` does to it beyond hiding it. */
  readonly disabled: string;
};

const HIDDEN = 'only hidden';
const UNKNOWN = 'the command is unknown';

export const capabilityNotes: Readonly<Record<CapabilityName, CapabilityNote>> = {
  IMAP4rev1: { what: 'The protocol itself', where: 'imapd/commands/', disabled: 'cannot be disabled' },
  'LITERAL+': {
    what: 'Literals that do not wait for the server',
    where: 'imapd/protocol/framer.ts',
    disabled: HIDDEN,
  },
  'SASL-IR': { what: 'First SASL answer with the command', where: 'imapd/commands/authenticate.ts', disabled: HIDDEN },
  ID: { what: 'Client and server name themselves', where: 'imapd/commands/id.ts', disabled: UNKNOWN },
  ENABLE: { what: 'Turns extensions on', where: 'imapd/commands/enable.ts', disabled: UNKNOWN },
  IDLE: { what: 'Changes are told without being asked for', where: 'imapd/commands/idle.ts', disabled: UNKNOWN },
  STARTTLS: {
    what: 'TLS on the clear-text port; shown where there is a certificate and no TLS yet',
    where: 'imapd/commands/starttls.ts',
    disabled: 'STARTTLS is refused',
  },
  LOGINDISABLED: {
    what: 'No password is taken on this connection: neither TLS nor loopback',
    where: 'imapd/commands/sign-in.ts',
    disabled: 'only hidden: passwords stay refused',
  },
  'AUTH=PLAIN': { what: 'SASL PLAIN', where: 'imapd/commands/sasl.ts', disabled: 'the mechanism is refused' },
  'AUTH=LOGIN': { what: 'SASL LOGIN', where: 'imapd/commands/sasl.ts', disabled: 'the mechanism is refused' },
  NAMESPACE: {
    what: 'One personal namespace without prefix, separator `/`; no other users, no shared one',
    where: 'imapd/commands/namespace.ts',
    disabled: UNKNOWN,
  },
  CHILDREN: {
    what: '`\\HasChildren`, `\\HasNoChildren` in LIST',
    where: 'imapd/commands/list-line.ts',
    disabled: HIDDEN,
  },
  'LIST-EXTENDED': {
    what: 'Selection and return options of LIST, several patterns',
    where: 'imapd/commands/list.ts',
    disabled: HIDDEN,
  },
  'LIST-STATUS': { what: 'STATUS of every mailbox listed', where: 'imapd/commands/status-line.ts', disabled: HIDDEN },
  'SPECIAL-USE': {
    what: '`\\Sent`, `\\Drafts`, `\\Trash` … in LIST',
    where: 'imapd/commands/list-line.ts',
    disabled: HIDDEN,
  },
  'STATUS=SIZE': {
    what: 'Octets of a mailbox, from its counters',
    where: 'imapd/commands/status-line.ts',
    disabled: HIDDEN,
  },
  UIDPLUS: {
    what: 'UID EXPUNGE; APPENDUID and COPYUID codes',
    where: 'imapd/commands/append.ts',
    disabled: 'APPEND gives no APPENDUID; UID EXPUNGE and COPYUID stay',
  },
  UNSELECT: { what: 'Leaves a mailbox without expunging', where: 'imapd/commands/unselect.ts', disabled: UNKNOWN },
  MOVE: { what: 'MOVE, UID MOVE', where: 'imapd/commands/copy.ts', disabled: UNKNOWN },
  CONDSTORE: {
    what: 'Mod-sequences; CHANGEDSINCE, UNCHANGEDSINCE, SEARCH MODSEQ',
    where: 'imapd/mailbox/mailbox-view.ts',
    disabled: 'ENABLE CONDSTORE does nothing; its items and modifiers stay',
  },
  ESEARCH: {
    what: 'SEARCH RETURN (MIN MAX ALL COUNT)',
    where: 'imapd/mailbox/search/search-response.ts',
    disabled: HIDDEN,
  },
  INPROGRESS: {
    what: 'A command that waits for a writer says so every 3 s',
    where: 'imapd/session/hold-notice.ts',
    disabled: 'the notice is a plain `* OK`',
  },
  APPENDLIMIT: {
    what: 'The largest message that APPEND takes, in octets',
    where: 'imapd/protocol/limits.ts',
    disabled: 'only hidden: the limit stays',
  },
};
