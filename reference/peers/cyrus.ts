import { names, type Peer } from './peer.ts';

const NEWER = 'in the development version after it';

export const cyrus: Peer = {
  name: 'Cyrus IMAP',
  version: '3.12',
  sources: [
    '`imap/imapd.c` of github.com/cyrusimap/cyrus-imapd, `base_capabilities`: every capability, those not implemented marked so (of the development version)',
    '`docsrc/imap/download/release-notes/3.12/x/3.12.0-rc1.rst` there: which of them 3.12 brought',
    '`docsrc/imap/rfc-support.rst` there',
  ],
  has: names(`
    IMAP4rev1 IMAP4rev2 ID ENABLE IDLE LITERAL+ SASL-IR STARTTLS LOGINDISABLED AUTH=PLAIN
    ACL RIGHTS APPENDLIMIT BINARY CATENATE CHILDREN COMPRESS=DEFLATE CONDSTORE CREATE-SPECIAL-USE ESEARCH ESORT INPROGRESS
    JMAPACCESS LIST-EXTENDED LIST-METADATA LIST-MYRIGHTS LIST-STATUS METADATA MOVE MULTIAPPEND MULTISEARCH NAMESPACE
    OBJECTID PARTIAL PREVIEW QRESYNC QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE QUOTASET REPLACE SAVEDATE SEARCH=FUZZY
    SEARCHRES SORT SORT=DISPLAY SPECIAL-USE STATUS=SIZE THREAD=ORDEREDSUBJECT THREAD=REFERENCES UIDPLUS UNSELECT URLAUTH
    WITHIN
  `),
  but: {
    'LITERAL-': 'in place of LITERAL+, by the option literalminus',
    UNAUTHENTICATE: 'for administrators',
    NOTIFY: 'where it is enabled',
    'UTF8=ACCEPT': 'without the options reject8bit and munge8bit',
    'QUOTA=RES-MAILBOX': 'not found: the names of its resources were not read',
    UIDONLY: NEWER,
    UIDBATCHES: NEWER,
    'AUTH=SCRAM-SHA-256': 'as the SASL library has it',
    'AUTH=SCRAM-SHA-256-PLUS': 'not found',
    'AUTH=LOGIN': 'as the SASL library has it',
    'AUTH=OAUTHBEARER': 'not found',
    'AUTH=XOAUTH2': 'not found',
    'AUTH=EXTERNAL': 'as the SASL library has it',
  },
  otherwise: 'no',
};
