import type { CommandContext } from '../commands/command-handler.ts';
import { type Completion, no } from '../commands/completion.ts';
import type { CommandName } from '../protocol/command.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { SessionUser } from '../session/session-user.ts';
import type { FoundMailbox } from '../store/mailbox-state.ts';
import { parentsOf } from '../store/parents-of.ts';
import type { AppendPlace, ByReader, Only, Store } from '../store/store.ts';
import { type MailboxPlace, mailboxPlace, type Place, type PlaceOf } from './mailbox-place.ts';
import { meets, type Requirement, requirementOf } from './required-rights.ts';
import { EVERY_RIGHT, type Rights } from './rights.ts';
import { owns, rightsIn } from './rights-in.ts';
import { SEPARATOR } from './separator.ts';
import { NO_NAMESPACES, type SharedNamespaces } from './shared-namespaces.ts';
import type { SharingPolicy } from './sharing-policy.ts';
import type { Standing, Standings } from './standings.ts';

export type SharingOptions = {
  readonly placeOf: PlaceOf;
  readonly namespaces: SharedNamespaces;
  /** Of all partitions. */
  readonly stores: () => readonly Store[];
  readonly policy: SharingPolicy;
  readonly standings: Pick<Standings, 'of'>;
  /** False: everybody has his own mailboxes and no others, whatever was granted. */
  readonly enabled: boolean;
};

export type Refused = { readonly kind: 'refused'; readonly completion: Completion };
/**
 * Where a command may do what it wants. `mailbox`: the one whose ACL says so, and no other that may get its name; null: one's own,
 * of which it is not known yet whether there is one, or one that is still to be made.
 */
export type Permitted = {
  readonly kind: 'permitted';
  readonly place: Place;
  readonly rights: Rights;
  readonly mailbox: FoundMailbox | null;
};
export type Found = Permitted & { readonly mailbox: FoundMailbox };

type Named = {
  readonly command: CommandName;
  readonly mailbox: string;
  /** What the mailbox is to the command: whose part of the table of rights counts. Default: `named`. */
  readonly as?: 'named' | 'read';
};
type Context = Pick<CommandContext, 'session' | 'attempt'>;

/** Whose a mailbox is that a session names, and what the session may do with it. Nothing is looked up for one of its own. */
export class Sharing {
  readonly #options: SharingOptions;

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  /** The level above the mailboxes of others; null: there are none. */
  get prefix(): string | null {
    const { enabled, policy } = this.#options;
    // As names of clients are.
    return enabled ? policy.otherUsers.normalize('NFC') : null;
  }

  /** Those of the routing document. The level of other users goes before one of its name. */
  get namespaces(): SharedNamespaces {
    return this.#options.enabled ? this.#options.namespaces : NO_NAMESPACES;
  }

  /** The levels below which nothing is one's own. */
  get levels(): readonly string[] {
    const { prefix } = this;
    return prefix === null ? [] : [prefix, ...this.namespaces.names.filter((name) => name !== prefix)];
  }

  /** Can only others, or nobody, have a mailbox of this name? */
  isOfOthers(name: string): boolean {
    const [level = ''] = name.split(SEPARATOR);
    return this.levels.includes(level);
  }

  get policy(): SharingPolicy {
    return this.#options.policy;
  }

  get stores(): readonly Store[] {
    return this.#options.stores();
  }

  /** What a user is to mailboxes that are not his own. */
  async standing(user: SessionUser, attempt: Attempt): Promise<Standing> {
    return await this.#options.standings.of(user, attempt);
  }

  place(mailbox: string, user: SessionUser): MailboxPlace {
    const { prefix, namespaces } = this;
    const place = mailboxPlace(mailbox, user, { prefix, namespaces, placeOf: this.#options.placeOf });
    const reader = place.kind === 'other' || place.kind === 'shared' ? this.readerOf(user) : null;
    return reader === null ? place : { ...(place as Place), reader };
  }

  /** By what name a user has \Seen of his own in mailboxes that are not his; null: there it is everybody's. */
  readerOf({ name }: SessionUser): string | null {
    return this.policy.seen === 'perUser' ? name : null;
  }

  /** The mailbox, by one statement, if the command may do to it what it does. */
  async find(named: Named, context: Context): Promise<Found | Refused> {
    const place = this.place(named.mailbox, context.session.user);
    if (place.kind === 'nowhere' || place.kind === 'unavailable') return refusedAt(place);
    if (place.kind !== 'own') return await this.#findOther(place, named, context);
    const mailbox = await place.store.findMailbox(place.owner, place.name, context.attempt);
    if (mailbox !== null) return { kind: 'permitted', place, rights: EVERY_RIGHT, mailbox };
    return CREATABLE.has(named.command) ? tryCreate : noMailbox;
  }

  /** The same for what its own statement finds out by itself: only mailboxes of others are looked at before. */
  async permit(named: Named, context: Context): Promise<Permitted | Refused> {
    const place = this.place(named.mailbox, context.session.user);
    if (place.kind === 'nowhere' || place.kind === 'unavailable') return refusedAt(place);
    return place.kind === 'own' ? ownPlace(place) : await this.#findOther(place, named, context);
  }

  /** May a mailbox of this name be made? RFC 4314, 4: the nearest mailbox above it says; in a namespace administrators may, too. */
  async permitNew(named: Named, { session, attempt }: Context): Promise<Permitted | Refused> {
    const place = this.place(named.mailbox, session.user);
    if (place.kind === 'own') return ownPlace(place);
    if (place.kind === 'unavailable') return refusedAt(place);
    if (place.kind === 'nowhere') return notPermitted;
    const { owner, name, store } = place;
    const standing = await this.standing(session.user, attempt);
    if (owns(place, standing)) return ownPlace(place);
    const request = { owner, names: parentsOf(name), identifiers: standing.identifiers };
    const parent = await store.findGranted(request, attempt);
    const rights = rightsIn(place, standing, parent?.entries ?? {});
    const allowed = meets(rights, requirementOf(named.command, 'parent'));
    return allowed ? { kind: 'permitted', place, rights, mailbox: null } : notPermitted;
  }

  async #findOther(place: Place, named: Named, context: Context): Promise<Found | Refused> {
    const { command, as = 'named' } = named;
    const { session, attempt } = context;
    const { owner, name, store } = place;
    const standing = await this.standing(session.user, attempt);
    const request = { owner, names: [name], identifiers: standing.identifiers };
    const found = await store.findGranted(request, attempt);
    if (found === null) return await this.#absent(named, context);
    const rights = rightsIn(place, standing, found.entries);
    const refused = refusal(rights, requirementOf(command, as));
    if (refused === noMailbox) return await this.#absent(named, context);
    return refused ?? { kind: 'permitted', place, rights, mailbox: found.mailbox };
  }

  /** Of a mailbox that is not there, or may not be seen: might the session make one of this name? */
  async #absent({ command, mailbox, as }: Named, context: Context): Promise<Refused> {
    if (as === 'read' || !CREATABLE.has(command)) return noMailbox;
    const { kind } = await this.permitNew({ command: 'CREATE', mailbox }, context);
    return kind === 'permitted' ? tryCreate : noMailbox;
  }
}

/** Whose owner it is asked for, or an administrator in a namespace. */
const ownPlace = (place: Place): Permitted => ({ kind: 'permitted', place, rights: EVERY_RIGHT, mailbox: null });

/** The mailbox that a mutation is for, by id where its ACL was asked. */
export const onlyOf = ({ mailbox }: Permitted): Only => (mailbox === null ? {} : { only: mailbox.id });

/** Where to append by that. */
export const appendPlaceOf = ({ place, mailbox }: Permitted): AppendPlace => ({
  ...(mailbox === null ? { owner: place.owner, mailbox: place.name } : { id: mailbox.id }),
  ...byReader(place),
});

/** For what is written there: whose \Seen it is. */
export const byReader = ({ reader }: Pick<Place, 'reader'>): ByReader => (reader === undefined ? {} : { reader });

/** What may not be seen must look as if it did not exist (RFC 4314, 6). null: the rights do. */
export function refusal(rights: Rights, requirement: Requirement): Refused | null {
  if (meets(rights, requirement)) return null;
  return rights.has('l') ? notPermitted : noMailbox;
}

const refused = (completion: Completion): Refused => ({ kind: 'refused', completion });
export const noMailbox = refused(no('There is no such mailbox', 'NONEXISTENT'));
/** RFC 3501, 6.3.11: what puts messages into a mailbox asks for one, unless it is certain that it cannot be made. */
const tryCreate = refused(no('There is no such mailbox', 'TRYCREATE'));
const CREATABLE: ReadonlySet<CommandName> = new Set(['APPEND', 'REPLACE', 'COPY', 'MOVE']);
export const notPermitted = refused(no('You have no right to do that here', 'NOPERM'));
const unreachable = refused(no('The mailbox cannot be reached at the moment, please try again', 'UNAVAILABLE'));

const refusedAt = ({ kind }: { readonly kind: 'nowhere' | 'unavailable' }): Refused =>
  kind === 'nowhere' ? noMailbox : unreachable;
