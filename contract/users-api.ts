import { type Static, Type } from 'typebox';

/**
 * Users and their mail, on the admin port of every imapd, with a bearer token; `imapctl` reaches it through the control
 * API. Names in a path are percent-encoded. Every refusal is a UsersProblem.
 *
 *   GET    /v1/users                              → 200 UserList
 *   POST   /v1/users               NewUser        → 201 UserEntry | 400 also a name that ACLs use otherwise | 409 UserExists | 422 NoPartition
 *   GET    /v1/users/NAME                         → 200 UserDetails | 404 NoSuchUser
 *   PATCH  /v1/users/NAME          UserChange     → 200 UserDetails | 404 NoSuchUser
 *   PUT    /v1/users/NAME/password NewPassword    → 204 | 404 NoSuchUser
 *   DELETE /v1/users/NAME                         → 204 | 404 NoSuchUser      (with all mailboxes)
 *   GET    /v1/users/NAME/mailboxes               → 200 MailboxList | 404
 *   POST   /v1/users/NAME/mailboxes NewMailbox    → 201 | 204 it exists already | 404 | 422
 *   GET    /v1/users/NAME/messages?mailbox=       → 200 application/mbox (mboxrd), streamed | 404
 *   POST   /v1/users/NAME/messages?AppendQuery    → 200 Appended | 404 NoSuchUser, NoSuchMailbox | 413 also OverQuota | 422
 *
 * Everywhere: 400 BadRequest · 401 Unauthorized · 503 Unavailable (no writer within the hold: try again). The body of an
 * append is the raw message, `message/rfc822`, lines ending in CRLF; it is stored byte for byte.
 */
export const usersPath = '/v1/users';
export const userPath = (name: string, rest: 'password' | 'mailboxes' | 'messages' | '' = ''): string =>
  `${usersPath}/${encodeURIComponent(name)}${rest === '' ? '' : `/${rest}`}`;

/** Characters of the name of a user. */
export const LONGEST_USER_NAME = 255;

/** Groups that the record of a user names. */
export const MOST_GROUPS = 200;

const Name = Type.String({ minLength: 1, maxLength: LONGEST_USER_NAME, pattern: '^[^\\u0000-\\u001f\\u007f]+$' });

export const UserEntry = Type.Object({ name: Type.String(), partition: Type.String(), createdAt: Type.String() });
export type UserEntry = Static<typeof UserEntry>;

export const UserList = Type.Object({
  users: Type.Array(UserEntry),
  /** Shared namespaces that have mailboxes; an imapd of before does not tell. */
  namespaces: Type.Optional(Type.Array(Type.Object({ name: Type.String(), partition: Type.String() }))),
  /** Partitions of which this imapd knows, those that could not be asked too; an imapd of before does not tell. */
  partitions: Type.Optional(Type.Array(Type.String())),
  /** Partitions that could not be asked; their users are missing here. */
  unavailable: Type.Array(Type.String()),
});
export type UserList = Static<typeof UserList>;

const Group = Type.String({
  minLength: 1,
  maxLength: LONGEST_USER_NAME - 1,
  pattern: '^[^$,\\s\\u0000-\\u001f\\u007f-][^,\\u0000-\\u001f\\u007f]*$',
});

/** `default`: what the ImapCluster says. Storage in octets. */
const Limit = Type.Union([Type.Integer({ minimum: 0 }), Type.Literal('unlimited'), Type.Literal('default')]);
export type Limit = Static<typeof Limit>;

const limits = { storage: Type.Optional(Limit), messages: Type.Optional(Limit), mailboxes: Type.Optional(Limit) };

/** What is left out stays as it is. */
export const UserChange = Type.Object(
  {
    /** May set the limits of others over IMAP (SETQUOTA), share with everybody (SETACL for `anyone`), and do everything in shared namespaces. */
    admin: Type.Optional(Type.Boolean()),
    quota: Type.Optional(Type.Object(limits, { additionalProperties: false })),
    /** All groups of the user, in place of those of before: names without the `$` that access control lists put before them. */
    groups: Type.Optional(Type.Array(Group, { maxItems: MOST_GROUPS })),
  },
  { additionalProperties: false },
);
export type UserChange = Static<typeof UserChange>;

/** `limit` null: none. `own`: what the user's record says. */
const Amount = Type.Object({
  used: Type.Integer(),
  limit: Type.Union([Type.Integer(), Type.Null()]),
  own: Limit,
});

export const UserDetails = Type.Object({
  name: Type.String(),
  partition: Type.String(),
  createdAt: Type.String(),
  admin: Type.Boolean(),
  groups: Type.Array(Type.String()),
  quota: Type.Object({ storage: Amount, messages: Amount, mailboxes: Amount }),
});
export type UserDetails = Static<typeof UserDetails>;

export const NewUser = Type.Object(
  { name: Name, password: Type.String({ minLength: 1 }), ...UserChange.properties },
  { additionalProperties: false },
);
export type NewUser = Static<typeof NewUser>;

export const NewPassword = Type.Object({ password: Type.String({ minLength: 1 }) }, { additionalProperties: false });
export type NewPassword = Static<typeof NewPassword>;

export const NewMailbox = Type.Object({ name: Name }, { additionalProperties: false });
export type NewMailbox = Static<typeof NewMailbox>;

export const MailboxList = Type.Object({
  mailboxes: Type.Array(
    Type.Object({
      name: Type.String(),
      messages: Type.Integer(),
      unseen: Type.Integer(),
      size: Type.Integer(),
      uidValidity: Type.Integer(),
      uidNext: Type.Integer(),
      specialUse: Type.Array(Type.String()),
    }),
  ),
});
export type MailboxList = Static<typeof MailboxList>;

export const AppendQuery = Type.Object(
  {
    mailbox: Name,
    /** A UUID chosen by the caller: the same one twice appends once. */
    operation: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
    /** RFC 3339; the moment of the request where it is left out. */
    internaldate: Type.Optional(Type.String()),
    /** Once a flag: `flags=%5CSeen&flags=%24Forwarded`. */
    flags: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  },
  { additionalProperties: false },
);
export type AppendQuery = Static<typeof AppendQuery>;

export const Appended = Type.Object({
  uid: Type.Integer(),
  uidValidity: Type.Integer(),
  /** The operation had happened before; nothing was appended now. */
  repeated: Type.Boolean(),
});
export type Appended = Static<typeof Appended>;

export const UsersProblem = Type.Object({ code: Type.String(), message: Type.String() });
export type UsersProblem = Static<typeof UsersProblem>;
