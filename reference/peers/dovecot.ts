import { names, type Peer } from './peer.ts';

const ACL = 'with the plugin imap_acl';
const MECHANISM = 'where `auth_mechanisms` names it';
const QUOTA = 'with the plugin imap_quota';

export const dovecot: Peer = {
  name: 'Dovecot',
  version: '2.4',
  sources: [
    '`configure.ac` of github.com/dovecot/core at 008410c8 (the line 2.4): the capabilities that are built in',
    '<https://doc.dovecot.org/2.4.0/core/rfc.html>, which calls itself a non-exhaustive list',
    '`docs/core/config/include/imap_extensions.inc`, `docs/core/config/imap.md` and `docs/core/config/auth/mechanisms/overview.md` of github.com/dovecot/documentation: what must be configured',
    '<https://github.com/dovecot/core/releases/tag/2.4.5>: what is experimental; github.com/dovecot/documentation, pull request 1186: RFC 8440',
  ],
  has: names(`
    IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+ STARTTLS LOGINDISABLED AUTH=PLAIN
    SORT SORT=DISPLAY THREAD=REFERENCES THREAD=ORDEREDSUBJECT MULTIAPPEND CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS
    LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE
    PREVIEW STATUS=SIZE SAVEDATE COMPRESS=DEFLATE INPROGRESS
  `),
  but: {
    IMAP4rev2: 'experimental: a build option and `imap4rev2_enabled`',
    'UTF8=ACCEPT': 'experimental: a build option and `mail_utf8_extensions`',
    REPLACE: 'in what 2.4 servers announce; not in the file above',
    NOTIFY: 'with `mailbox_list_index`',
    'SPECIAL-USE': 'for mailboxes that the configuration names',
    METADATA: 'with `imap_metadata`',
    'SEARCH=FUZZY': 'with the plugin fts',
    URLAUTH: 'with `imap_urlauth_host`',
    ACL,
    RIGHTS: ACL,
    'LIST-MYRIGHTS': ACL,
    QUOTA,
    'AUTH=LOGIN': MECHANISM,
    'AUTH=SCRAM-SHA-256': MECHANISM,
    'AUTH=SCRAM-SHA-256-PLUS': MECHANISM,
    'AUTH=OAUTHBEARER': MECHANISM,
    'AUTH=XOAUTH2': MECHANISM,
    'AUTH=EXTERNAL': MECHANISM,
  },
  otherwise: 'not found',
};
