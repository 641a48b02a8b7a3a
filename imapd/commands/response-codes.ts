/** When a refusal carries which code, for programs that act on it: one row a code, by the RFC that defines it. */
export const responseCodes = {
  ALREADYEXISTS: { rfc: 5530, when: 'the mailbox to be made, or the new name of one, is there already' },
  AUTHENTICATIONFAILED: {
    rfc: 5530,
    when: 'a password, proof, token or certificate is not accepted, or there is no such user',
  },
  AUTHORIZATIONFAILED: { rfc: 5530, when: 'who has signed in may not act for that user' },
  BADCHARSET: { rfc: 5256, when: 'a search is in a charset that is not known' },
  BADEVENT: { rfc: 5465, when: 'NOTIFY asks for an event that is not told here; the code names those that are' },
  BADURL: { rfc: 4469, when: 'a URL of CATENATE, which the code repeats, names no message or part here' },
  CANNOT: {
    rfc: 5530,
    when: 'what is asked for can never be done: a name that no mailbox may have, INBOX deleted, a way to sign in that is switched off',
  },
  CLIENTBUG: {
    rfc: 5530,
    when: 'the client should have known: the command belongs to another state, or its extension was not enabled',
  },
  COMPRESSIONACTIVE: { rfc: 4978, when: 'the connection is compressed already' },
  CORRUPTION: { rfc: 5530, when: 'no member of the partition has the content of a message as it was stored' },
  EXPIRED: { rfc: 5530, when: 'a token was good once' },
  EXPUNGEISSUED: { rfc: 5530, when: 'messages are gone, of which the client has not been told yet' },
  HASCHILDREN: { rfc: 9051, when: 'what is to be deleted is only a name above other mailboxes' },
  LIMIT: {
    rfc: 5530,
    when: 'a bound is reached: sessions, failed sign-ins, keywords, parts of messages, what is compared, how many compress',
  },
  MESSAGELIMIT: { rfc: 9738, when: 'there are more messages than one command may work on' },
  METADATA: { rfc: 5464, when: 'an annotation is larger than allowed (MAXSIZE), or there are too many (TOOMANY)' },
  MODIFIED: { rfc: 7162, when: 'a conditional STORE left messages alone, some of which are gone' },
  NONEXISTENT: { rfc: 5530, when: 'there is no such mailbox, message or quota root' },
  NOTIFICATIONOVERFLOW: {
    rfc: 5465,
    when: 'more has happened than can be kept for one client: nothing more is told until the next NOTIFY; untagged. Tagged, or later untagged: NOTIFY asks for mailboxes of others, and there are more than are watched for one session',
  },
  NOPERM: {
    rfc: 5530,
    when: "that is for administrators, or the mailbox is somebody else's who has not granted the right",
  },
  NOTSAVED: { rfc: 5182, when: 'what a search found cannot be kept for `$`' },
  NOUPDATE: { rfc: 5267, when: 'the results of a search cannot be kept up; it is answered all the same' },
  OVERQUOTA: { rfc: 5530, when: 'the limit of what may be stored, or of mailboxes, is reached' },
  PRIVACYREQUIRED: { rfc: 5530, when: 'a password or token would cross a network in clear' },
  'READ-ONLY': { rfc: 3501, when: 'the mailbox is selected by EXAMINE' },
  SERVERBUG: { rfc: 5530, when: 'a fault of the server; its log has it as CommandFailed' },
  TOOBIG: { rfc: 4469, when: 'a literal or a message is larger than allowed' },
  TRYCREATE: { rfc: 3501, when: 'there is no such mailbox, and CREATE would make it' },
  UIDREQUIRED: { rfc: 9586, when: 'UIDONLY is enabled, and the command names message numbers' },
  UNAVAILABLE: {
    rfc: 5530,
    when: 'for the moment: no writer within the hold, no member that answers, no disk space, no issuer of tokens',
  },
  'UNKNOWN-CTE': { rfc: 3516, when: 'a message cannot be decoded as BINARY asks, or holds NUL' },
  USEATTR: { rfc: 6154, when: 'a special use is none here, or another mailbox has it' },
} as const satisfies Readonly<Record<string, { readonly rfc: number; readonly when: string }>>;

export type ResponseCode = keyof typeof responseCodes;

/** A code, with what it carries. */
export type CodeText = ResponseCode | `${ResponseCode} ${string}`;
