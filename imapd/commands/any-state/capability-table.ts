import type { Session } from '../../session/session.ts';

/** When a capability is shown. `ENABLE` and `IDLE` are among the early ones because clients look for them once, at the greeting. */
type Shown = 'always' | 'beforeLogin' | 'afterLogin';

type Entry = {
  readonly name: string;
  readonly rfc: number;
  readonly shown: Shown;
  /** Written in the syntax of others, or made of them: it goes with any of these. */
  readonly needs?: readonly string[];
  /** Switching it off would make no sense: it is the protocol itself, or only says how things are. */
  readonly fixed?: true;
  /** There only where the cluster names it among `enabled`. */
  readonly asked?: true;
  /** Part of another one: shown where that is switched off. */
  readonly within?: string;
  /** Further conditions, on the connection. */
  readonly where?:
    | 'startTls'
    | 'channelBinding'
    | 'passwordAllowed'
    | 'passwordForbidden'
    | 'tokenAllowed'
    | 'certificate'
    | 'messagesLimited'
    | 'savingLimited';
};

/** What RFC 9051 has taken in, by the names of before (appendix E). */
const OF_REV2 = [
  ...['LITERAL-', 'SASL-IR', 'ENABLE', 'IDLE', 'NAMESPACE', 'CHILDREN', 'LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE'],
  ...['STATUS=SIZE', 'UIDPLUS', 'UNSELECT', 'MOVE', 'ESEARCH', 'SEARCHRES', 'BINARY'],
] as const;

/** Everything this server can do beyond RFC 3501, in the order of the CAPABILITY response. */
export const capabilityTable = [
  { name: 'IMAP4rev1', rfc: 3501, shown: 'always', fixed: true },
  { name: 'IMAP4rev2', rfc: 9051, shown: 'always', needs: OF_REV2 },
  { name: 'LITERAL+', rfc: 7888, shown: 'always' },
  { name: 'LITERAL-', rfc: 7888, shown: 'always', within: 'LITERAL+' },
  { name: 'SASL-IR', rfc: 4959, shown: 'always' },
  { name: 'ID', rfc: 2971, shown: 'always' },
  { name: 'ENABLE', rfc: 5161, shown: 'always' },
  { name: 'IDLE', rfc: 2177, shown: 'always' },
  { name: 'STARTTLS', rfc: 3501, shown: 'beforeLogin', where: 'startTls' },
  { name: 'LOGINDISABLED', rfc: 3501, shown: 'beforeLogin', where: 'passwordForbidden', fixed: true },
  { name: 'AUTH=PLAIN', rfc: 4616, shown: 'beforeLogin', where: 'passwordAllowed' },
  { name: 'AUTH=SCRAM-SHA-256', rfc: 7677, shown: 'beforeLogin', where: 'passwordAllowed' },
  {
    name: 'AUTH=SCRAM-SHA-256-PLUS',
    rfc: 9266,
    shown: 'beforeLogin',
    where: 'channelBinding',
    needs: ['AUTH=SCRAM-SHA-256'],
  },
  { name: 'AUTH=LOGIN', rfc: 4422, shown: 'beforeLogin', where: 'passwordAllowed' },
  { name: 'AUTH=OAUTHBEARER', rfc: 7628, shown: 'beforeLogin', where: 'tokenAllowed' },
  { name: 'AUTH=XOAUTH2', rfc: 7628, shown: 'beforeLogin', where: 'tokenAllowed' },
  { name: 'AUTH=EXTERNAL', rfc: 4422, shown: 'beforeLogin', where: 'certificate' },
  { name: 'UNAUTHENTICATE', rfc: 8437, shown: 'afterLogin' },
  { name: 'NAMESPACE', rfc: 2342, shown: 'afterLogin' },
  { name: 'CHILDREN', rfc: 3348, shown: 'afterLogin' },
  { name: 'LIST-EXTENDED', rfc: 5258, shown: 'afterLogin' },
  { name: 'LIST-STATUS', rfc: 5819, shown: 'afterLogin', needs: ['LIST-EXTENDED'] },
  { name: 'SPECIAL-USE', rfc: 6154, shown: 'afterLogin' },
  { name: 'CREATE-SPECIAL-USE', rfc: 6154, shown: 'afterLogin', needs: ['SPECIAL-USE'] },
  { name: 'STATUS=SIZE', rfc: 8438, shown: 'afterLogin' },
  { name: 'UIDPLUS', rfc: 4315, shown: 'afterLogin' },
  { name: 'UNSELECT', rfc: 3691, shown: 'afterLogin' },
  { name: 'MOVE', rfc: 6851, shown: 'afterLogin' },
  { name: 'MULTIAPPEND', rfc: 3502, shown: 'afterLogin' },
  { name: 'CATENATE', rfc: 4469, shown: 'afterLogin' },
  { name: 'REPLACE', rfc: 8508, shown: 'afterLogin' },
  { name: 'COMPRESS=DEFLATE', rfc: 4978, shown: 'afterLogin' },
  { name: 'OBJECTID', rfc: 8474, shown: 'afterLogin' },
  { name: 'SAVEDATE', rfc: 8514, shown: 'afterLogin' },
  { name: 'PREVIEW', rfc: 8970, shown: 'afterLogin' },
  { name: 'BINARY', rfc: 3516, shown: 'afterLogin' },
  { name: 'UTF8=ACCEPT', rfc: 6855, shown: 'afterLogin', needs: ['ENABLE'] },
  { name: 'CONDSTORE', rfc: 7162, shown: 'afterLogin' },
  { name: 'QRESYNC', rfc: 7162, shown: 'afterLogin', needs: ['CONDSTORE', 'ENABLE'] },
  { name: 'ESEARCH', rfc: 4731, shown: 'afterLogin' },
  { name: 'WITHIN', rfc: 5032, shown: 'afterLogin' },
  { name: 'SEARCH=FUZZY', rfc: 6203, shown: 'afterLogin' },
  { name: 'SEARCHRES', rfc: 5182, shown: 'afterLogin', needs: ['ESEARCH'] },
  { name: 'MULTISEARCH', rfc: 7377, shown: 'afterLogin', needs: ['ESEARCH'] },
  { name: 'SORT', rfc: 5256, shown: 'afterLogin' },
  { name: 'SORT=DISPLAY', rfc: 5957, shown: 'afterLogin', needs: ['SORT'] },
  { name: 'ESORT', rfc: 5267, shown: 'afterLogin', needs: ['SORT'] },
  { name: 'THREAD=ORDEREDSUBJECT', rfc: 5256, shown: 'afterLogin' },
  { name: 'THREAD=REFERENCES', rfc: 5256, shown: 'afterLogin' },
  { name: 'I18NLEVEL=1', rfc: 5255, shown: 'afterLogin' },
  { name: 'PARTIAL', rfc: 9394, shown: 'afterLogin' },
  { name: 'CONTEXT=SEARCH', rfc: 5267, shown: 'afterLogin', needs: ['ESEARCH', 'PARTIAL'] },
  { name: 'NOTIFY', rfc: 5465, shown: 'afterLogin', needs: ['LIST-EXTENDED'] },
  { name: 'UIDONLY', rfc: 9586, shown: 'afterLogin', needs: ['ENABLE'], asked: true },
  { name: 'QUOTA', rfc: 9208, shown: 'afterLogin' },
  { name: 'QUOTA=RES-STORAGE', rfc: 9208, shown: 'afterLogin', needs: ['QUOTA'] },
  { name: 'QUOTA=RES-MESSAGE', rfc: 9208, shown: 'afterLogin', needs: ['QUOTA'] },
  { name: 'QUOTA=RES-MAILBOX', rfc: 9208, shown: 'afterLogin', needs: ['QUOTA'] },
  { name: 'QUOTASET', rfc: 9208, shown: 'afterLogin', needs: ['QUOTA'] },
  { name: 'METADATA', rfc: 5464, shown: 'afterLogin' },
  { name: 'LIST-METADATA', rfc: 9590, shown: 'afterLogin', needs: ['METADATA', 'LIST-EXTENDED'] },
  { name: 'ACL', rfc: 4314, shown: 'afterLogin' },
  { name: 'RIGHTS=kxte', rfc: 4314, shown: 'afterLogin', needs: ['ACL'] },
  { name: 'LIST-MYRIGHTS', rfc: 8440, shown: 'afterLogin', needs: ['ACL', 'LIST-EXTENDED'] },
  { name: 'INPROGRESS', rfc: 9585, shown: 'afterLogin' },
  { name: 'APPENDLIMIT', rfc: 7889, shown: 'afterLogin' },
  { name: 'MESSAGELIMIT', rfc: 9738, shown: 'afterLogin', where: 'messagesLimited' },
  { name: 'SAVELIMIT', rfc: 9738, shown: 'afterLogin', where: 'savingLimited' },
] as const satisfies readonly Entry[];

export type CapabilityName = (typeof capabilityTable)[number]['name'];

export type CapabilityPolicy = {
  /** Names of the table that the cluster has switched off, in any case. */
  readonly disabled: readonly string[];
  /** Those of the table that are off unless they are asked for, in any case: which the cluster asks for. */
  readonly enabled?: readonly string[];
  /** There is a certificate: STARTTLS can be offered. */
  readonly tlsAvailable: boolean;
  /** Passwords in clear from other hosts too. */
  readonly clearTextFromAnywhere: boolean;
  /** Octets of the largest message: `APPENDLIMIT=n`. */
  readonly appendLimit: number;
  /** Messages of one command, or of one COPY or APPEND alone (RFC 9738); 0 or absent: any number. */
  readonly messageLimit?: number;
  readonly saveLimit?: number;
  /** By what people sign in; absent: by passwords. */
  readonly ways?: readonly SignInWay[];
};

export type SignInWay = 'passwords' | 'tokens' | 'certificates';

/** Whether a capability is off unless the cluster asks for it. */
export const isAskedFor = (name: string): boolean =>
  (capabilityTable as readonly Entry[]).some((entry) => entry.asked === true && entry.name === name.toUpperCase());

const inCapitals = (names: readonly string[]): readonly string[] => names.map((name) => name.toUpperCase());

/** Names of the table less `disabled`, and less what is off unless it is `enabled`. What is `fixed` stays. */
function availableOf({ disabled, enabled = [] }: CapabilityPolicy): ReadonlySet<string> {
  const table: readonly Entry[] = capabilityTable;
  const [without, asked] = [inCapitals(disabled), inCapitals(enabled)];
  const off = (name: string): boolean =>
    without.includes(name.toUpperCase()) || (isAskedFor(name) && !asked.includes(name.toUpperCase()));
  const kept = table.filter(({ name, fixed, needs }) => fixed === true || !(off(name) || needs?.some(off) === true));
  return new Set(kept.map(({ name }) => name));
}

/** Octets of a literal that a client of LITERAL- sends without leave (RFC 7888, 5). */
const LITERAL_MINUS = 4096;

/** What is offered to whom: the one source of the CAPABILITY response and of what the server accepts. */
export class Capabilities {
  readonly #policy: CapabilityPolicy;
  readonly #available: ReadonlySet<string>;

  constructor(policy: CapabilityPolicy) {
    this.#policy = policy;
    this.#available = availableOf(policy);
  }

  /** Messages that one command may work on; Infinity: any number. */
  get messageLimit(): number {
    return (this.has('MESSAGELIMIT') && this.#policy.messageLimit) || Number.POSITIVE_INFINITY;
  }

  /** Messages that one COPY or APPEND may save: that limit where there is one, or one of its own. */
  get saveLimit(): number {
    const own = (this.has('SAVELIMIT') && this.#policy.saveLimit) || Number.POSITIVE_INFINITY;
    return this.messageLimit === Number.POSITIVE_INFINITY ? own : this.messageLimit;
  }

  get appendLimit(): number {
    return this.#policy.appendLimit;
  }

  /** Octets of the largest literal that a client may send without leave; -1: of none. */
  get unaskedLiteral(): number {
    if (this.has('LITERAL+')) return Number.POSITIVE_INFINITY;
    return this.has('LITERAL-') ? LITERAL_MINUS : -1;
  }

  /** Not switched off, nor what it needs. */
  has(name: CapabilityName): boolean {
    return this.#available.has(name);
  }

  /** Do people sign in by this at all? */
  accepts(way: SignInWay): boolean {
    return (this.#policy.ways ?? ['passwords']).includes(way);
  }

  /** May this session send what would let others in? Only where nobody can listen (RFC 3501, 6.2.3 and 11.1; RFC 7628, 3). */
  secretsAllowed(session: Session): boolean {
    return session.tls || session.peer.loopback || this.#policy.clearTextFromAnywhere;
  }

  passwordAllowed(session: Session): boolean {
    return this.accepts('passwords') && this.secretsAllowed(session);
  }

  startTlsOffered(session: Session): boolean {
    return this.#policy.tlsAvailable && !session.tls && this.has('STARTTLS');
  }

  /** May this session bind its sign-in to TLS? */
  channelBindingOffered(session: Session): boolean {
    return session.bindable && this.accepts('passwords') && this.has('AUTH=SCRAM-SHA-256-PLUS');
  }

  /** The capabilities of this session as it is now: `IMAP4rev1 LITERAL+ …`. */
  shownTo(session: Session): string {
    const loggedIn = session.state !== 'notAuthenticated';
    const shown: readonly Shown[] = loggedIn ? ['always', 'afterLogin'] : ['always', 'beforeLogin'];
    return capabilityTable
      .filter((entry) => shown.includes(entry.shown) && this.has(entry.name) && this.#applies(entry, session))
      .map(({ name }) => this.#written(name))
      .join(' ');
  }

  #written(name: CapabilityName): string {
    if (name === 'APPENDLIMIT') return `${name}=${this.#policy.appendLimit}`;
    if (name === 'MESSAGELIMIT') return `${name}=${this.messageLimit}`;
    return name === 'SAVELIMIT' ? `${name}=${this.saveLimit}` : name;
  }

  #applies(entry: Entry, session: Session): boolean {
    if (entry.within !== undefined && this.#available.has(entry.within)) return false;
    switch (entry.where) {
      case 'startTls':
        return this.startTlsOffered(session);
      case 'channelBinding':
        return this.channelBindingOffered(session);
      case 'passwordAllowed':
        return this.passwordAllowed(session);
      case 'passwordForbidden':
        return !this.passwordAllowed(session);
      case 'certificate':
        return this.accepts('certificates') && session.certificate !== null;
      case 'messagesLimited':
        return Number.isFinite(this.messageLimit);
      // RFC 9738, 3: in place of the other.
      case 'savingLimited':
        return Number.isFinite(this.saveLimit) && !Number.isFinite(this.messageLimit);
      case 'tokenAllowed':
        return this.accepts('tokens') && this.secretsAllowed(session);
      default:
        return true;
    }
  }
}
