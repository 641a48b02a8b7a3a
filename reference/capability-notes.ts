import type { CapabilityName } from '#imapd/commands/any-state/capability-table.ts';

/** What the table of capabilities in imapd/commands does not say: kept by hand, whole by its type. */
export type CapabilityNote = {
  readonly what: string;
  /** Where it is implemented, from the top of the repository. A test holds these against the files. */
  readonly where: string;
  /** What `ImapCluster.spec.capabilities.disabled` does to it beyond hiding it. */
  readonly disabled: string;
};

const UNKNOWN = 'the command is unknown';

export const capabilityNotes: Readonly<Record<CapabilityName, CapabilityNote>> = {
  IMAP4rev1: { what: 'The protocol itself', where: 'imapd/commands/', disabled: 'cannot be disabled' },
  IMAP4rev2: {
    what: 'The protocol of today, after ENABLE IMAP4rev2: no `\\Recent`, ESEARCH alone, LIST and CLOSED in SELECT, names of mailboxes in UTF-8',
    where: 'imapd/commands/authenticated/enable.ts',
    disabled: 'ENABLE passes it over; goes with each extension that it is made of',
  },
  'LITERAL+': {
    what: 'Literals that do not wait for the server',
    where: 'imapd/protocol/framer.ts',
    disabled: 'LITERAL- in its place: longer ones are `BAD [TOOBIG]`; their octets are skipped, never read as commands',
  },
  'LITERAL-': {
    what: 'The same up to 4,096 octets; offered where LITERAL+ is disabled',
    where: 'imapd/protocol/framer.ts',
    disabled: 'together with LITERAL+: every such literal is `BAD`',
  },
  'SASL-IR': {
    what: 'First SASL answer with the command',
    where: 'imapd/commands/not-authenticated/authenticate.ts',
    disabled: 'AUTHENTICATE with a first answer is `BAD`',
  },
  ID: { what: 'Client and server name themselves', where: 'imapd/commands/any-state/id.ts', disabled: UNKNOWN },
  ENABLE: { what: 'Turns extensions on', where: 'imapd/commands/authenticated/enable.ts', disabled: UNKNOWN },
  IDLE: {
    what: 'Changes are told without being asked for',
    where: 'imapd/commands/authenticated/idle.ts',
    disabled: UNKNOWN,
  },
  STARTTLS: {
    what: 'TLS on the clear-text port; shown where there is a certificate and no TLS yet',
    where: 'imapd/commands/not-authenticated/starttls.ts',
    disabled: 'STARTTLS is refused',
  },
  LOGINDISABLED: {
    what: 'No password is taken on this connection: neither TLS nor loopback',
    where: 'imapd/commands/not-authenticated/sign-in.ts',
    disabled: 'cannot be disabled: it only says how the connection is',
  },
  'AUTH=PLAIN': {
    what: 'SASL PLAIN',
    where: 'imapd/commands/not-authenticated/sasl.ts',
    disabled: 'the mechanism is refused',
  },
  'AUTH=SCRAM-SHA-256': {
    what: 'SASL SCRAM-SHA-256: the password is proved, not sent. Users whose password was set before there was SCRAM sign in once with PLAIN or LOGIN',
    where: 'imapd/commands/not-authenticated/scram.ts',
    disabled: 'the mechanism is refused, -PLUS with it; no keys are made, and those of a password that is changed go',
  },
  'AUTH=SCRAM-SHA-256-PLUS': {
    what: 'The same, bound to the TLS connection: `tls-exporter` (TLS 1.3), `tls-server-end-point` (RFC 5929)',
    where: 'imapd/session/channel-binding.ts',
    disabled: 'the mechanism is refused',
  },
  'AUTH=LOGIN': {
    what: 'SASL LOGIN',
    where: 'imapd/commands/not-authenticated/sasl.ts',
    disabled: 'the mechanism is refused',
  },
  'AUTH=OAUTHBEARER': {
    what: 'Sign-in by a bearer token of the issuer that `spec.authentication.oauthBearer` names; the session ends when the token does',
    where: 'imapd/commands/not-authenticated/bearer.ts',
    disabled: 'the mechanism is refused',
  },
  'AUTH=XOAUTH2': {
    what: 'The same, in the messages that Google and Microsoft had before RFC 7628',
    where: 'imapd/commands/not-authenticated/bearer.ts',
    disabled: 'the mechanism is refused',
  },
  'AUTH=EXTERNAL': {
    what: 'Sign-in by the certificate that the client has shown for TLS, of an authority that `spec.authentication.clientCertificates` names',
    where: 'imapd/commands/not-authenticated/external.ts',
    disabled: 'the mechanism is refused',
  },
  UNAUTHENTICATE: {
    what: 'Signs out and keeps the connection, for another user',
    where: 'imapd/commands/authenticated/unauthenticate.ts',
    disabled: UNKNOWN,
  },
  NAMESPACE: {
    what: "One personal namespace without prefix, and with ACL that of other users, `Other Users/NAME/`, and the shared ones of `spec.holds.namespaces`, whose mailboxes are nobody's; separator `/`",
    where: 'imapd/commands/authenticated/namespace.ts',
    disabled: UNKNOWN,
  },
  CHILDREN: {
    what: '`\\HasChildren`, `\\HasNoChildren` in LIST',
    where: 'imapd/commands/authenticated/list-line.ts',
    disabled: 'the attributes are not told; RETURN (CHILDREN) is `BAD`',
  },
  'LIST-EXTENDED': {
    what: 'Selection and return options of LIST, several patterns',
    where: 'imapd/commands/authenticated/list.ts',
    disabled: 'everything but a plain LIST is `BAD`, LIST-STATUS with it; `\\NonExistent` is told as `\\Noselect`',
  },
  'LIST-STATUS': {
    what: 'STATUS of every mailbox listed',
    where: 'imapd/commands/authenticated/status-line.ts',
    disabled: 'RETURN (STATUS …) is `BAD`; goes with LIST-EXTENDED',
  },
  'SPECIAL-USE': {
    what: '`\\Sent`, `\\Drafts`, `\\Trash` … in LIST',
    where: 'imapd/commands/authenticated/list-line.ts',
    disabled: 'the attributes are not told; its options are `BAD`',
  },
  'CREATE-SPECIAL-USE': {
    what: 'CREATE with USE: `\\Archive`, `\\Drafts`, `\\Junk`, `\\Sent`, `\\Trash`, each for one mailbox of a user; others are `NO [USEATTR]`',
    where: 'imapd/commands/authenticated/create.ts',
    disabled: 'CREATE with USE is `BAD`; goes with SPECIAL-USE',
  },
  'STATUS=SIZE': {
    what: 'Octets of a mailbox, from its counters',
    where: 'imapd/commands/authenticated/status-line.ts',
    disabled: 'the item SIZE is `BAD`',
  },
  UIDPLUS: {
    what: 'UID EXPUNGE; APPENDUID and COPYUID codes',
    where: 'imapd/commands/append/append.ts',
    disabled: 'UID EXPUNGE is `BAD`; no APPENDUID, no COPYUID',
  },
  UNSELECT: {
    what: 'Leaves a mailbox without expunging',
    where: 'imapd/commands/selected/unselect.ts',
    disabled: UNKNOWN,
  },
  MOVE: { what: 'MOVE, UID MOVE', where: 'imapd/commands/selected/copy.ts', disabled: UNKNOWN },
  MULTIAPPEND: {
    what: 'Several messages in one APPEND: all of them, or none',
    where: 'imapd/commands/append/receive-messages.ts',
    disabled: 'a second message is `BAD`, and none is stored',
  },
  CATENATE: {
    what: 'APPEND and REPLACE of messages put together on the server: of text, and of messages and parts by URL, copied as they are stored, out of all mailboxes that the user may read (right `r`; what may not be seen is BADURL). A URL is relative (`/box;UIDVALIDITY=1/;UID=20/;SECTION=2`, names percent-encoded, those of others below `/Other%20Users/`); without a slash in front it is read from beside the selected mailbox. There is no URLAUTH',
    where: 'imapd/commands/append/url-contents.ts',
    disabled: 'CATENATE is `BAD`',
  },
  REPLACE: {
    what: 'REPLACE, UID REPLACE: a new message in place of another one, in the same mailbox or not',
    where: 'imapd/commands/selected/replace.ts',
    disabled: UNKNOWN,
  },
  'COMPRESS=DEFLATE': {
    what: 'Octets are compressed both ways, above TLS; so many sessions at once (`sessions.maxCompressed`)',
    where: 'imapd/session/compressed-socket.ts',
    disabled: UNKNOWN,
  },
  OBJECTID: {
    what: 'MAILBOXID, which stays when a mailbox is renamed; EMAILID, the same for the same octets and INTERNALDATE in whatever mailbox; THREADID is always NIL',
    where: 'imapd/mailbox/object-ids.ts',
    disabled: 'its items and search keys are `BAD`; SELECT and CREATE tell no MAILBOXID',
  },
  SAVEDATE: {
    what: 'When a message came into its mailbox, to fetch and to search for. Messages from before this was kept (schema 3) count as saved when the database was migrated',
    where: 'imapd/store/postgres/migrations/0003-save-date.ts',
    disabled: 'its item and search keys are `BAD`',
  },
  PREVIEW: {
    what: 'The first 200 characters of what a message says. With LAZY it is NIL where the text begins behind the first 14 KiB of the message',
    where: 'imapd/mime/preview.ts',
    disabled: 'the item is `BAD`',
  },
  BINARY: {
    what: 'BINARY[…] and BINARY.SIZE[…]: parts without their transfer encoding. APPEND takes a literal8 as it is; one with NUL gets `NO [UNKNOWN-CTE]`, for BODY[…] could not give it back',
    where: 'imapd/mailbox/fetch/binary-content.ts',
    disabled: 'its items and a literal8 are `BAD`',
  },
  MULTISEARCH: {
    what: 'ESEARCH IN (…): one search in several mailboxes, one after the other, at most so many (`protocol.searchedMailboxes`, else `NO [LIMIT]`). Message numbers and `$` are of the selected mailbox, in others each has its own numbers and nothing is saved. `personal` and `inboxes` are the own mailboxes; `subscribed`, `subtree`, `subtree-one` and `mailboxes` also those of others, as far as there is the right `r`, and `l` where they are not named themselves',
    where: 'imapd/commands/multi-search/multi-search.ts',
    disabled: UNKNOWN,
  },
  'I18NLEVEL=1': {
    what: 'SEARCH, SORT and THREAD compare text by i;unicode-casemap (RFC 5051): without regard to case, composition and compatibility; `cafe` is in `Café`. There is no other comparator (COMPARATOR is level 2)',
    where: 'imapd/mime/text/unicode-casemap.ts',
    disabled: 'nothing but the announcement',
  },
  'UTF8=ACCEPT': {
    what: 'After ENABLE: names of mailboxes in UTF-8, and APPEND of messages whose header is in UTF-8 (also as `UTF8 (~{n})`, also in CATENATE); a SEARCH names no CHARSET. **Deviation:** before it RFC 6855, 4 has such an APPEND refused; here it is taken, for old mail has 8-bit headers and the programs that bring it enable nothing (`spec.messages.eightBitHeaders: Refuse` makes it `NO [CANNOT]`). Messages are given out as they are to everybody: nothing is downgraded (RFC 6857 and 6858 are not done), and no literal or ENVELOPE of a message differs',
    where: 'imapd/commands/append/seven-bit-header.ts',
    disabled: 'ENABLE passes it over; APPEND takes any header from everybody; UTF8 (…) is `BAD`',
  },
  CONDSTORE: {
    what: 'Mod-sequences; CHANGEDSINCE, UNCHANGEDSINCE, SEARCH MODSEQ',
    where: 'imapd/mailbox/mailbox-view.ts',
    disabled: 'its items, modifiers and search key are `BAD`; no HIGHESTMODSEQ, and ENABLE passes it over',
  },
  QRESYNC: {
    what: 'SELECT (QRESYNC …), UID FETCH (CHANGEDSINCE … VANISHED), VANISHED in place of EXPUNGE',
    where: 'imapd/mailbox/resync/missed.ts',
    disabled: 'its parameter and its modifier are `BAD`, and ENABLE passes it over; goes with CONDSTORE and ENABLE',
  },
  ESEARCH: {
    what: 'SEARCH RETURN (MIN MAX ALL COUNT)',
    where: 'imapd/mailbox/search/search-response.ts',
    disabled: 'SEARCH RETURN is `BAD`',
  },
  WITHIN: {
    what: 'OLDER and YOUNGER: messages by their age in seconds',
    where: 'imapd/mailbox/search/search-predicate.ts',
    disabled: 'its search keys are `BAD`',
  },
  'SEARCH=FUZZY': {
    what: 'SEARCH FUZZY: of strings every word (the first 16, each of which counts as a search key), in whatever order and place, also within another word, and without its last quarter; what is negated, and what is no string, as it stands. RETURN (RELEVANCY), and SORT (RELEVANCY): 100 for what has a string as it was given, 80 for all its words, 20 for words without their ends; of OR the better side, of several strings the mean',
    where: 'imapd/mailbox/search/fuzzy/loosened.ts',
    disabled: 'its search key is `BAD`, and RELEVANCY with it',
  },
  SEARCHRES: {
    what: 'SEARCH RETURN (SAVE); `$` in place of a set of messages',
    where: 'imapd/mailbox/search/saved-search.ts',
    disabled: 'RETURN (SAVE) and `$` are `BAD`; goes with ESEARCH',
  },
  SORT: {
    what: 'SORT, UID SORT; texts by i;unicode-casemap',
    where: 'imapd/mailbox/search/sort-found.ts',
    disabled: UNKNOWN,
  },
  'SORT=DISPLAY': {
    what: 'SORT by the names that programs show: DISPLAYFROM, DISPLAYTO',
    where: 'imapd/mailbox/search/sort-value.ts',
    disabled: 'its sort criteria are `BAD`; goes with SORT',
  },
  ESORT: {
    what: 'SORT RETURN (MIN MAX ALL COUNT), and SAVE with SEARCHRES',
    where: 'imapd/mailbox/search/search-response.ts',
    disabled: 'SORT RETURN is `BAD`; goes with SORT',
  },
  'THREAD=ORDEREDSUBJECT': {
    what: 'THREAD, UID THREAD: conversations by subject and date',
    where: 'imapd/mailbox/search/thread/ordered-subject.ts',
    disabled: 'THREAD with this algorithm is `BAD`',
  },
  'THREAD=REFERENCES': {
    what: 'THREAD, UID THREAD: conversations by what replies to what',
    where: 'imapd/mailbox/search/thread/references.ts',
    disabled: 'THREAD with this algorithm is `BAD`',
  },
  PARTIAL: {
    what: 'SEARCH and SORT RETURN (PARTIAL 1:100), UID FETCH … (PARTIAL -1:-100): results page by page',
    where: 'imapd/protocol/sets/result-range.ts',
    disabled: 'the return option and the modifier are `BAD`',
  },
  'CONTEXT=SEARCH': {
    what: 'SEARCH RETURN (UPDATE): what comes into the results, or leaves them, is told until CANCELUPDATE or until another mailbox is selected; so many searches of a session (`sessions.maxContexts`), and none whose results time alone would change (OLDER, YOUNGER). SORT is answered and not kept up (`NOUPDATE`)',
    where: 'imapd/mailbox/search/search-contexts.ts',
    disabled:
      'the return options UPDATE and CONTEXT are `BAD`, and CANCELUPDATE is unknown; goes with ESEARCH and PARTIAL',
  },
  NOTIFY: {
    what: 'NOTIFY SET: what happens in the selected mailbox and in others is told between commands, too: STATUS of mailboxes whose messages or flags change, and LIST of those that are removed or renamed (through any imapd process, by hints at once), LIST of those that are made or subscribed, METADATA of annotations (within `sessions.notifyPollMs`). `inboxes` are all mailboxes of the user. What a session does itself it is not told of, but for annotations, and for mailboxes above one that it makes or removes. Of mailboxes of others, and of shared namespaces, in whatever partition, who may list and read them (`l`, `r`) is told of messages, flags and names where `mailboxes`, `subtree` or `subscribed` names them: rights are asked for anew with each look, within a second of a hint and every `sessions.notifyPollMs`; their annotations are not told, nor UNSEEN with `spec.sharing.seen: PerUser`, and for who may list more of them than `sessions.maxNotifyOthers` there is `NOTIFICATIONOVERFLOW`. No AnnotationChange (`BADEVENT`). What waits for one client is bounded (`sessions.maxNotifications`): beyond it `NOTIFICATIONOVERFLOW`',
    where: 'imapd/mailbox/notify/notifications.ts',
    disabled: UNKNOWN,
  },
  UIDONLY: {
    what: 'After ENABLE UIDONLY no message number is told or taken: UIDFETCH in place of FETCH, VANISHED in place of EXPUNGE; commands that name numbers are `BAD [UIDREQUIRED]`. An experiment of the RFC editor, hence off by itself',
    where: 'imapd/commands/any-state/uses-message-numbers.ts',
    disabled: 'ENABLE passes it over; goes with ENABLE',
  },
  INPROGRESS: {
    what: 'A command that waits for a writer says so every 3 s; a SEARCH that reads messages says every 5 s how far it is. FETCH answers as it goes; COPY, MOVE, STORE and EXPUNGE are one transaction and have nothing to say before its end',
    where: 'imapd/session/hold-notice.ts',
    disabled: 'the notice is a plain `* OK`',
  },
  ACL: {
    what: 'Mailboxes that people share: SETACL, DELETEACL, GETACL, LISTRIGHTS, MYRIGHTS. Others find them below `Other Users/NAME/`, whatever partition they are in, and may do what was granted to them by name, to a group (`$NAME`: of the record of the user, or of a claim of the token) or to `anyone`, less what an entry with a dash before the name takes away. Users whom nobody knows are granted nothing. The owner has every right, always, and pays for what is stored; in shared namespaces administrators have, and the namespace pays. Rights hold from the next command on, also in a selected mailbox; flags that may not be set are left out. What may not be seen looks as if it did not exist. Between mailboxes of two partitions messages are copied and moved piece by piece; REPLACE is `NO [CANNOT]`',
    where: 'imapd/acl/required-rights.ts',
    disabled: 'its commands are `BAD`, and nothing is shared, whatever was granted',
  },
  'RIGHTS=kxte': {
    what: 'The rights that RFC 2086 did not have: to make and to delete mailboxes, to mark messages as deleted, and to expunge',
    where: 'imapd/acl/rights.ts',
    disabled: 'nothing but the announcement',
  },
  'LIST-MYRIGHTS': {
    what: 'LIST with what one may do in each mailbox',
    where: 'imapd/commands/authenticated/list-line.ts',
    disabled: 'LIST RETURN (MYRIGHTS) is `BAD`',
  },
  METADATA: {
    what: 'Annotations of mailboxes, shared and private, and private ones of the server; they follow a mailbox through RENAME and failovers, and salvage brings back those of a lost tail. `/shared/comment` and `/shared/admin` of the server are `spec.metadata` of the ImapCluster; other shared entries of the server cannot be made (`NOPERM`). Sizes and numbers are bounded (`METADATA MAXSIZE`, `METADATA TOOMANY`). Nothing is told unasked. `/private/specialuse` is refused: CREATE-SPECIAL-USE says it',
    where: 'imapd/store/postgres/annotations.ts',
    disabled: 'its commands are `BAD`',
  },
  'LIST-METADATA': {
    what: 'LIST with annotations of every mailbox; what does not exist is NIL',
    where: 'imapd/commands/metadata/list-metadata.ts',
    disabled: 'LIST RETURN (METADATA …) is `BAD`',
  },
  QUOTA: {
    what: 'What a user uses and may use: one quota root a user, of the same name. Usage is counted with every change. Limits: the ImapCluster (`spec.quota`), or for one user `imapctl user set`. What goes beyond one is refused whole by `NO [OVERQUOTA]`; a move within one user never is. Who is over a limit is told by an ALERT at sign-in (unless the account was looked up less than a minute ago) and with SELECT',
    where: 'imapd/store/postgres/migrations/0004-quota.ts',
    disabled: 'its commands are `BAD`; the limits stay',
  },
  'QUOTA=RES-STORAGE': {
    what: 'Sum of the sizes of all messages; copies count each. STATUS DELETED-STORAGE is in octets',
    where: 'imapd/store/postgres/quota-sql.ts',
    disabled: 'the STATUS item DELETED-STORAGE is `BAD`',
  },
  'QUOTA=RES-MESSAGE': {
    what: 'Number of all messages',
    where: 'imapd/store/postgres/quota-sql.ts',
    disabled: 'nothing but the announcement',
  },
  'QUOTA=RES-MAILBOX': {
    what: 'Number of mailboxes, INBOX among them',
    where: 'imapd/store/postgres/mailboxes/create-mailbox.ts',
    disabled: 'nothing but the announcement',
  },
  QUOTASET: {
    what: 'Administrators (`imapctl user set NAME --admin`, and `spec.authentication.admins`) set limits of any user; what they do not name has the limit of the cluster again. Others get `NO [NOPERM]`',
    where: 'imapd/commands/quota/set-quota.ts',
    disabled: 'SETQUOTA is `BAD`',
  },
  MESSAGELIMIT: {
    what: 'Messages that one FETCH, STORE, MOVE, SEARCH, UID EXPUNGE, COPY or APPEND may work on, where `spec.messages.perCommand` sets a limit: those with the highest UIDs, and the code tells the lowest of them; COPY, APPEND, SORT, THREAD and FETCH with PARTIAL do all or nothing. Programs that do not know it take the last messages for all. The same holds with UIDONLY, in mailboxes of others, and for COPY and MOVE into another partition. EXPUNGE and CLOSE are not limited (RFC 9738, 3.1), nor is what is told unasked: new messages of NOTIFY, changed results of CONTEXT. UIDAFTER and UIDBEFORE are search keys in any case',
    where: 'imapd/commands/selected/message-limit.ts',
    disabled: 'no limit',
  },
  SAVELIMIT: {
    what: 'The same limit on COPY and APPEND alone (`spec.messages.perSave`), where there is no other',
    where: 'imapd/commands/selected/message-limit.ts',
    disabled: 'no limit',
  },
  APPENDLIMIT: {
    what: 'The largest message that APPEND takes, in octets',
    where: 'imapd/protocol/limits.ts',
    disabled: 'the STATUS item is `BAD`; the limit stays, as `NO [TOOBIG]`',
  },
};
