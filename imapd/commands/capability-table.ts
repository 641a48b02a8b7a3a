import type { Session } from '../session/session.ts';

/** When a capability is shown. `ENABLE` and `IDLE` are among the early ones because clients look for them once, at the greeting. */
type Shown = 'always' | 'beforeLogin' | 'afterLogin';

type Entry = {
  readonly name: string;
  readonly rfc: number;
  readonly shown: Shown;
  /** Further conditions, on the connection. */
  readonly where?: 'startTls' | 'passwordAllowed' | 'passwordForbidden';
};

/** Everything this server can do beyond RFC 3501, in the order of the CAPABILITY response. */
export const capabilityTable = [
  { name: 'IMAP4rev1', rfc: 3501, shown: 'always' },
  { name: 'LITERAL+', rfc: 7888, shown: 'always' },
  { name: 'SASL-IR', rfc: 4959, shown: 'always' },
  { name: 'ID', rfc: 2971, shown: 'always' },
  { name: 'ENABLE', rfc: 5161, shown: 'always' },
  { name: 'IDLE', rfc: 2177, shown: 'always' },
  { name: 'STARTTLS', rfc: 3501, shown: 'beforeLogin', where: 'startTls' },
  { name: 'LOGINDISABLED', rfc: 3501, shown: 'beforeLogin', where: 'passwordForbidden' },
  { name: 'AUTH=PLAIN', rfc: 4616, shown: 'beforeLogin', where: 'passwordAllowed' },
  { name: 'AUTH=LOGIN', rfc: 4422, shown: 'beforeLogin', where: 'passwordAllowed' },
  { name: 'NAMESPACE', rfc: 2342, shown: 'afterLogin' },
  { name: 'CHILDREN', rfc: 3348, shown: 'afterLogin' },
  { name: 'LIST-EXTENDED', rfc: 5258, shown: 'afterLogin' },
  { name: 'LIST-STATUS', rfc: 5819, shown: 'afterLogin' },
  { name: 'SPECIAL-USE', rfc: 6154, shown: 'afterLogin' },
  { name: 'STATUS=SIZE', rfc: 8438, shown: 'afterLogin' },
  { name: 'UIDPLUS', rfc: 4315, shown: 'afterLogin' },
  { name: 'UNSELECT', rfc: 3691, shown: 'afterLogin' },
  { name: 'MOVE', rfc: 6851, shown: 'afterLogin' },
  { name: 'CONDSTORE', rfc: 7162, shown: 'afterLogin' },
  { name: 'ESEARCH', rfc: 4731, shown: 'afterLogin' },
  { name: 'INPROGRESS', rfc: 9585, shown: 'afterLogin' },
  { name: 'APPENDLIMIT', rfc: 7889, shown: 'afterLogin' },
] as const satisfies readonly Entry[];

export type CapabilityName = (typeof capabilityTable)[number]['name'];

export type CapabilityPolicy = {
  /** Names of the table that the cluster has switched off, in any case. */
  readonly disabled: readonly string[];
  /** There is a certificate: STARTTLS can be offered. */
  readonly tlsAvailable: boolean;
  /** Passwords in clear from other hosts too. */
  readonly clearTextFromAnywhere: boolean;
  /** Octets of the largest message: `APPENDLIMIT=n`. */
  readonly appendLimit: number;
};

/** What is offered to whom: the one source of the CAPABILITY response and of what the server accepts. */
export class Capabilities {
  readonly #policy: CapabilityPolicy;
  readonly #disabled: ReadonlySet<string>;

  constructor(policy: CapabilityPolicy) {
    this.#policy = policy;
    this.#disabled = new Set(policy.disabled.map((name) => name.toUpperCase()));
  }

  get appendLimit(): number {
    return this.#policy.appendLimit;
  }

  /** Not switched off. IMAP4rev1 itself cannot be. */
  has(name: CapabilityName): boolean {
    return name === 'IMAP4rev1' || !this.#disabled.has(name.toUpperCase());
  }

  /** May this session send a password? Only where nobody can listen (RFC 3501, 6.2.3 and 11.1). */
  passwordAllowed(session: Session): boolean {
    return session.tls || session.peer.loopback || this.#policy.clearTextFromAnywhere;
  }

  startTlsOffered(session: Session): boolean {
    return this.#policy.tlsAvailable && !session.tls && this.has('STARTTLS');
  }

  /** The capabilities of this session as it is now: `IMAP4rev1 LITERAL+ …`. */
  shownTo(session: Session): string {
    const loggedIn = session.state !== 'notAuthenticated';
    const shown: readonly Shown[] = loggedIn ? ['always', 'afterLogin'] : ['always', 'beforeLogin'];
    return capabilityTable
      .filter((entry) => shown.includes(entry.shown) && this.has(entry.name) && this.#applies(entry, session))
      .map(({ name }) => (name === 'APPENDLIMIT' ? `APPENDLIMIT=${this.#policy.appendLimit}` : name))
      .join(' ');
  }

  #applies(entry: Entry, session: Session): boolean {
    switch (entry.where) {
      case 'startTls':
        return this.startTlsOffered(session);
      case 'passwordAllowed':
        return this.passwordAllowed(session);
      case 'passwordForbidden':
        return !this.passwordAllowed(session);
      default:
        return true;
    }
  }
}
