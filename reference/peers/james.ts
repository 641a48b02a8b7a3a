import { names, type Peer } from './peer.ts';

export const james: Peer = {
  name: 'Apache James',
  version: 'master, 2026',
  sources: [
    '`docs/modules/servers/partials/architecture/implemented-standards.adoc` of github.com/apache/james-project at 05a304cd',
    '`protocols/imap/src/main/java/org/apache/james/imap/processor/CapabilityProcessor.java` at 8fca7298 and `…/imap/api/ImapConstants.java` there; the other processors announce more, and were not read one by one',
  ],
  has: names(`
    IMAP4rev1 LITERAL+ CHILDREN I18NLEVEL=1 IDLE QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE NAMESPACE UIDPLUS METADATA
    ENABLE MOVE SEARCHRES WITHIN ESEARCH REPLACE APPENDLIMIT ID STATUS=SIZE LIST-EXTENDED LIST-STATUS LIST-MYRIGHTS
    SPECIAL-USE SAVEDATE PARTIAL UNSELECT STARTTLS SASL-IR AUTH=PLAIN AUTH=OAUTHBEARER
  `),
  but: {
    CONDSTORE: 'where it is enabled',
    QRESYNC: 'without a log of deletions: clients should send known sequences',
    'COMPRESS=DEFLATE': 'optional',
    OBJECTID: 'with mailboxes that have unique ids',
    ACL: 'in part: mailboxes of others cannot be reached by IMAP',
  },
  otherwise: 'not found',
};
