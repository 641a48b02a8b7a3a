import { names, type Peer } from './peer.ts';

export const stalwart: Peer = {
  name: 'Stalwart',
  version: 'main, 2026',
  sources: [
    '`crates/imap-proto/src/protocol/capability.rs` of github.com/stalwartlabs/stalwart at 6eea2d3a: everything that is announced, before and after sign-in',
    '<https://stalw.art/docs/development/rfcs>',
  ],
  has: names(`
    IMAP4rev1 IMAP4rev2 ENABLE SASL-IR LITERAL+ ID UTF8=ACCEPT STARTTLS AUTH=PLAIN AUTH=OAUTHBEARER AUTH=XOAUTH2
    JMAPACCESS IDLE NAMESPACE CHILDREN MULTIAPPEND BINARY UNSELECT ACL RIGHTS UIDPLUS ESEARCH WITHIN SEARCHRES SORT
    THREAD=REFERENCES LIST-EXTENDED LIST-STATUS ESORT SORT=DISPLAY SPECIAL-USE CREATE-SPECIAL-USE MOVE CONDSTORE QRESYNC
    UNAUTHENTICATE STATUS=SIZE PREVIEW QUOTA QUOTA=RES-STORAGE UIDONLY UIDBATCHES MESSAGELIMIT SAVELIMIT
  `),
  but: {
    OBJECTID: 'as OBJECTID+, a draft that follows it',
  },
  otherwise: 'no',
};
