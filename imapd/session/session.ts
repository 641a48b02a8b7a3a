import { onceAt } from '#runtime/once-at.ts';
import type { MailboxNames } from '../protocol/mailbox-name.ts';
import type { Admitted } from './admission.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { News } from './news.ts';
import type { Selection } from './selection.ts';
import type { SessionUser } from './session-user.ts';

/** RFC 3501, 3. */
export type SessionState = 'notAuthenticated' | 'authenticated' | 'selected' | 'logout';

/** Extensions a client turns on: by ENABLE (RFC 5161), or by using CONDSTORE (RFC 7162, 3.1). QRESYNC brings CONDSTORE. */
export type Enabled = 'CONDSTORE' | 'QRESYNC' | 'IMAP4rev2' | 'UTF8=ACCEPT' | 'UIDONLY';

/** What is known of the network connection under a session. */
export type Peer = {
  readonly remoteAddress: string;
  /** Both ends on this machine: a password in clear crosses no network. */
  readonly loopback: boolean;
  /** The load balancer that has told of the address; null: the kernel has. */
  readonly balancer?: string | null;
};

/** What has come of a TLS handshake. */
export type Secured = {
  /** Of the client, where it has shown one that holds. */
  readonly certificate: ClientCertificate | null;
  readonly bindable: boolean;
};

export type SessionOptions = {
  readonly id: string;
  readonly peer: Peer;
  readonly tls: boolean;
  readonly admitted: Admitted;
  /** Asks the session to end: what its user has is served no more, or what the user signed in by has expired. */
  readonly dismiss: (why: 'unserved' | 'expired') => void;
};

/**
 * What one client's session remembers between commands. It holds no database connection.
 *
 *                      signIn               select
 *   notAuthenticated ──────────► authenticated ◄──────► selected
 *       │      ▲                      │        deselect     │
 *       │      └──────── signOut ─────┼─────────────────────┤
 *       └─────────────────────────────┴─────────────────────┴──► logout
 */
export class Session {
  readonly id: string;
  readonly peer: Peer;
  readonly #admitted: Admitted;
  readonly #dismiss: SessionOptions['dismiss'];
  #expiry: (() => void) | null = null;
  #tls: boolean;
  #certificate: ClientCertificate | null = null;
  #bindable = false;
  #identified = false;
  #compressed = false;
  #user: SessionUser | null = null;
  #selected: Selection | null = null;
  #news: News | null = null;
  #ended = false;
  readonly #enabled = new Set<Enabled>();
  readonly #unserved = (): void => this.#dismiss('unserved');

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.peer = options.peer;
    this.#admitted = options.admitted;
    this.#dismiss = options.dismiss;
    this.#tls = options.tls;
  }

  get state(): SessionState {
    if (this.#ended) return 'logout';
    if (this.#selected !== null) return 'selected';
    return this.#user === null ? 'notAuthenticated' : 'authenticated';
  }

  get tls(): boolean {
    return this.#tls;
  }

  get compressed(): boolean {
    return this.#compressed;
  }

  /** @throws Error before signing in: the dispatcher admits commands that need a user only after it */
  get user(): SessionUser {
    if (this.#user === null) throw new Error('no user is signed in');
    return this.#user;
  }

  /** null before signing in. */
  get userName(): string | null {
    return this.#user?.name ?? null;
  }

  /** The admin who acts for the user; undefined where it is the user. */
  get actor(): string | undefined {
    return this.#user?.actor;
  }

  get selected(): Selection | null {
    return this.#selected;
  }

  get enabled(): ReadonlySet<Enabled> {
    return this.#enabled;
  }

  /** The client speaks IMAP4rev2 (RFC 9051): no \Recent, ESEARCH alone, LIST in SELECT, names in UTF-8. */
  get rev2(): boolean {
    return this.#enabled.has('IMAP4rev2');
  }

  /** RFC 9586: the client neither says nor hears a message number. */
  get uidOnly(): boolean {
    return this.#enabled.has('UIDONLY');
  }

  /** The client takes UTF-8 in quoted strings and in headers (RFC 6855). */
  get utf8(): boolean {
    return this.#enabled.has('UTF8=ACCEPT');
  }

  get mailboxNames(): MailboxNames {
    return this.rev2 || this.utf8 ? 'utf8' : 'modifiedUtf7';
  }

  enable(extension: Enabled): void {
    this.#enabled.add(extension);
  }

  /** The client says what it is; false where it has said so before: whoever repeats it does not fill the log. */
  identify(): boolean {
    const first = !this.#identified;
    this.#identified = true;
    return first;
  }

  /** The handshake is done. */
  secure({ certificate, bindable }: Secured): void {
    this.#tls = true;
    this.#certificate = certificate;
    this.#bindable = bindable;
  }

  /** A sign-in can be bound to the TLS of this connection. */
  get bindable(): boolean {
    return this.#bindable;
  }

  get certificate(): ClientCertificate | null {
    return this.#certificate;
  }

  /** false, and nothing changed, where as many sessions compress as may. Of a session that does not yet. */
  compress(): boolean {
    this.#compressed = this.#admitted.compress();
    return this.#compressed;
  }

  /** false, and nothing changed, where this user has as many sessions as one may have. */
  signIn(user: SessionUser): boolean {
    if (this.#user !== null) throw new Error('a user is signed in already');
    if (!this.#admitted.signIn(user.name)) return false;
    this.#user = user;
    // Since the password was looked at, too.
    if (user.unserved?.aborted === true) this.#unserved();
    user.unserved?.addEventListener('abort', this.#unserved, { once: true });
    if (user.until !== undefined) this.#expiry = onceAt(user.until, () => this.#dismiss('expired'));
    return true;
  }

  /** UNAUTHENTICATE (RFC 8437, 3): nothing is left but TLS. false, and nothing changed, where there is no room for a stranger. */
  signOut(): boolean {
    if (!this.#admitted.signOut()) return false;
    this.deselect();
    this.hear(null);
    this.#stopWatching();
    this.#user = null;
    this.#enabled.clear();
    return true;
  }

  /** What the client has asked for by NOTIFY; null where it never has. */
  get news(): News | null {
    return this.#news;
  }

  /** NOTIFY: in place of what was asked for before. */
  hear(news: News | null): void {
    this.#news?.close();
    // The client may have left while its command was carried out.
    if (this.#ended) news?.close();
    this.#news = this.#ended ? null : news;
  }

  /** Leaves the mailbox that was selected before, if any (RFC 3501, 6.3.1: also when the new SELECT fails). */
  select(mailbox: Selection): void {
    this.deselect();
    this.#selected = mailbox;
  }

  deselect(): void {
    const left = this.#selected;
    this.#selected = null;
    left?.release();
  }

  /** The end, whoever wanted it; a second call changes nothing. */
  end(): void {
    this.#ended = true;
    this.hear(null);
    this.#stopWatching();
    this.deselect();
    this.#admitted.leave();
  }

  #stopWatching(): void {
    this.#user?.unserved?.removeEventListener('abort', this.#unserved);
    this.#expiry?.();
    this.#expiry = null;
  }
}
