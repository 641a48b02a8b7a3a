/** What holds every capability, switched on and off, against what it says. */
export const TEST_OF_ALL = 'imapd/commands/any-state/disabled-capabilities.integration.test.ts';

const AUTHENTICATED = 'imapd/commands/authenticated';
const SELECTED = 'imapd/commands/selected';
const APPEND = 'imapd/commands/append';
const LIMIT = `${SELECTED}/message-limit.integration.test.ts`;
const NAMES = `${AUTHENTICATED}/mailbox-names.integration.test.ts`;
const USED = 'imapd/commands/any-state/capabilities-used.test.ts';
const SHOWN = 'imapd/commands/any-state/capability-table.test.ts';
const SCRAM = 'imapd/auth/scram/scram.integration.test.ts';
const OAUTH = 'imapd/auth/oauth/oauth.integration.test.ts';
const QUOTA = 'imapd/commands/quota/quota.integration.test.ts';
const METADATA = 'imapd/commands/metadata/metadata.integration.test.ts';
const SHARED = 'imapd/commands/acl/acl.integration.test.ts';
const LIFE = 'imapd/session/session-life.integration.test.ts';

/**
 * The tests that show what a capability does, from the top of the repository; where there is none here, `TEST_OF_ALL`
 * holds it.
 */
export const capabilityTests: Readonly<Record<string, string>> = {
  IMAP4rev1: `${SELECTED}/selected.integration.test.ts`,
  IMAP4rev2: `${AUTHENTICATED}/imap4rev2.integration.test.ts`,
  'LITERAL+': 'imapd/protocol/framer.test.ts',
  'LITERAL-': 'imapd/protocol/framer.test.ts',
  'SASL-IR': USED,
  ID: 'imapd/commands/any-state/id.integration.test.ts',
  ENABLE: `${AUTHENTICATED}/imap4rev2.integration.test.ts`,
  IDLE: LIFE,
  STARTTLS: 'imapd/session/starttls.integration.test.ts',
  LOGINDISABLED: SHOWN,
  'AUTH=PLAIN': LIFE,
  'AUTH=SCRAM-SHA-256': SCRAM,
  'AUTH=SCRAM-SHA-256-PLUS': SCRAM,
  'AUTH=LOGIN': LIFE,
  'AUTH=OAUTHBEARER': OAUTH,
  'AUTH=XOAUTH2': OAUTH,
  'AUTH=EXTERNAL': 'imapd/auth/certificates.integration.test.ts',
  UNAUTHENTICATE: `${AUTHENTICATED}/unauthenticate.integration.test.ts`,
  NAMESPACE: NAMES,
  CHILDREN: NAMES,
  'LIST-EXTENDED': NAMES,
  'LIST-STATUS': NAMES,
  'SPECIAL-USE': NAMES,
  'CREATE-SPECIAL-USE': NAMES,
  'STATUS=SIZE': NAMES,
  UIDPLUS: `${APPEND}/append.integration.test.ts`,
  UNSELECT: `${SELECTED}/selected-rules.integration.test.ts`,
  MOVE: 'imapd/mailbox/new-uids.integration.test.ts',
  MULTIAPPEND: `${APPEND}/multiappend.integration.test.ts`,
  CATENATE: `${APPEND}/catenate.integration.test.ts`,
  REPLACE: `${SELECTED}/replace.integration.test.ts`,
  'COMPRESS=DEFLATE': 'imapd/session/compress.integration.test.ts',
  OBJECTID: 'imapd/mailbox/object-ids.integration.test.ts',
  SAVEDATE: `${SELECTED}/save-date.integration.test.ts`,
  PREVIEW: `${SELECTED}/preview.integration.test.ts`,
  BINARY: `${SELECTED}/binary.integration.test.ts`,
  'UTF8=ACCEPT': `${APPEND}/utf8.integration.test.ts`,
  CONDSTORE: `${SELECTED}/selected.integration.test.ts`,
  QRESYNC: `${SELECTED}/qresync.integration.test.ts`,
  ESEARCH: `${SELECTED}/selected.integration.test.ts`,
  WITHIN: `${SELECTED}/within.integration.test.ts`,
  'SEARCH=FUZZY': `${SELECTED}/fuzzy.integration.test.ts`,
  SEARCHRES: `${SELECTED}/searchres.integration.test.ts`,
  MULTISEARCH: 'imapd/commands/multi-search/multi-search.integration.test.ts',
  SORT: `${SELECTED}/sort.integration.test.ts`,
  'SORT=DISPLAY': `${SELECTED}/sort.integration.test.ts`,
  ESORT: `${SELECTED}/sort.integration.test.ts`,
  'THREAD=ORDEREDSUBJECT': `${SELECTED}/thread.integration.test.ts`,
  'THREAD=REFERENCES': `${SELECTED}/thread.integration.test.ts`,
  'I18NLEVEL=1': 'imapd/mime/text/text-search.test.ts',
  PARTIAL: `${SELECTED}/partial.integration.test.ts`,
  'CONTEXT=SEARCH': `${SELECTED}/context.integration.test.ts`,
  NOTIFY: 'imapd/commands/notify/notify.integration.test.ts',
  UIDONLY: `${SELECTED}/uid-only.integration.test.ts`,
  QUOTA,
  'QUOTA=RES-STORAGE': QUOTA,
  'QUOTA=RES-MESSAGE': QUOTA,
  'QUOTA=RES-MAILBOX': QUOTA,
  QUOTASET: QUOTA,
  METADATA,
  'LIST-METADATA': METADATA,
  ACL: 'imapd/acl/required-rights.integration.test.ts',
  'RIGHTS=kxte': SHARED,
  'LIST-MYRIGHTS': SHARED,
  INPROGRESS: LIFE,
  APPENDLIMIT: NAMES,
  MESSAGELIMIT: LIMIT,
  SAVELIMIT: LIMIT,
};
