import type { CommandName } from '../protocol/command.ts';

/** Rights that must all be there, and rights of which one must be. */
export type Requirement = { readonly all?: string; readonly any?: string };

type Required = {
  /** On the mailbox that the command names. */
  readonly named?: Requirement;
  /** On each further mailbox that it reads messages of. */
  readonly read?: Requirement;
  /** On the nearest mailbox above the one that is made, or above the new name. */
  readonly parent?: Requirement;
  /** On the selected mailbox, beyond the `r` without which nobody has it selected. */
  readonly selected?: Requirement;
};

const ADMINISTER = { named: { all: 'a' } } as const;
const READABLE = { all: 'r' } as const;
const READ = { named: READABLE } as const;
/** RFC 5464, 3.3. */
const ANNOTATE = { named: { all: 'l', any: 'rswip' } } as const;
/** RFC 6851, 4.4 and RFC 8508, 4.4: what EXPUNGE needs, and the marking before it. */
const REMOVE = { all: 'te' } as const;

/**
 * What each command needs of a mailbox that is somebody else's: RFC 4314, 4. Where it is the flags that need a right (APPEND, COPY,
 * FETCH, STORE) see `permittedFlags`; CLOSE expunges nothing without `e`, and says nothing. Shared annotations need `w` as well.
 */
export const requiredRights = {
  CAPABILITY: {},
  NOOP: {},
  LOGOUT: {},
  STARTTLS: {},
  UNAUTHENTICATE: {},
  NAMESPACE: {},
  IDLE: {},
  CHECK: {},
  CLOSE: {},
  UNSELECT: {},
  AUTHENTICATE: {},
  LOGIN: {},
  ENABLE: {},
  ID: {},
  COMPRESS: {},
  SELECT: READ,
  EXAMINE: READ,
  CREATE: { parent: { all: 'k' } },
  DELETE: { named: { all: 'x' } },
  // Names are subscribed to, whether there is a mailbox or not.
  SUBSCRIBE: {},
  UNSUBSCRIBE: {},
  RENAME: { named: { all: 'x' }, parent: { all: 'k' } },
  // What they may tell needs `l`.
  LIST: {},
  LSUB: {},
  STATUS: READ,
  GETQUOTA: {},
  GETQUOTAROOT: READ,
  SETQUOTA: {},
  GETMETADATA: ANNOTATE,
  SETMETADATA: ANNOTATE,
  // Of what CATENATE names, RFC 4469 says no more than that it must be there for the user.
  APPEND: { named: { all: 'i' }, read: READABLE },
  REPLACE: { named: { all: 'i' }, read: READABLE, selected: REMOVE },
  EXPUNGE: { selected: { all: 'e' } },
  SEARCH: {},
  // RFC 7377, 2.2; and `l` for what is not named itself.
  ESEARCH: { read: READABLE },
  SORT: {},
  THREAD: {},
  NOTIFY: {},
  CANCELUPDATE: {},
  FETCH: {},
  STORE: { selected: { any: 'swt' } },
  COPY: { named: { all: 'i' } },
  MOVE: { named: { all: 'i' }, selected: REMOVE },
  SETACL: ADMINISTER,
  DELETEACL: ADMINISTER,
  GETACL: ADMINISTER,
  LISTRIGHTS: ADMINISTER,
  MYRIGHTS: { named: { any: 'lrikxa' } },
} as const satisfies Readonly<Record<CommandName, Required>>;

/** The part of the table that a command's code asks for by its name. */
export const requirementOf = (command: CommandName, what: keyof Required): Requirement => {
  const required: Required = requiredRights[command];
  return required[what] ?? {};
};

/** Do these rights do? */
export function meets(rights: ReadonlySet<string>, { all = '', any = '' }: Requirement): boolean {
  const enough = [...all].every((right) => rights.has(right));
  return enough && (any === '' || [...any].some((right) => rights.has(right)));
}
