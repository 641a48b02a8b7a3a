import type { Sharing } from '../../acl/sharing.ts';
import { isTopHeader, isWhole } from '../../mailbox/fetch/fetch-plan.ts';
import { fieldsOf, sectionContent } from '../../mailbox/fetch/section-content.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { ByteRange } from '../../mime/resolve-section.ts';
import type { FetchSection } from '../../protocol/fetch-item.ts';
import type { Limits } from '../../protocol/limits.ts';
import { type MessageUrl, parseMessageUrl } from '../../protocol/message-url.ts';
import type { ContentField, MessageContent } from '../../store/content-store.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId, Uid } from '../../store/types.ts';
import type { CommandContext } from '../command-handler.ts';
import { AppendRefused } from './append-refused.ts';

/** What a URL names: its octets, to be read once. */
export type UrlContent = { readonly size: number; readonly octets: AsyncIterable<Buffer> | Iterable<Buffer> };

/** The largest header of a message within a message that fields are picked from; what is behind is not looked at. */
const LARGEST_INNER_HEADER = 1024 * 1024;

/** A mailbox that may be read. */
type Source = { readonly store: Store; readonly id: MailboxId; readonly uidValidity: number };

export type UrlOptions = {
  readonly limits: Limits;
  readonly sharing: Sharing;
  /** Whose rights count. */
  readonly command: 'APPEND' | 'REPLACE';
};

/**
 * Messages and parts, by URL (RFC 4469, 3), of all mailboxes that the user may read: what FETCH BODY[…] would give, octet by octet
 * as it is stored, as a stream. Nothing becomes \Seen. A mailbox is looked up once a command.
 */
export class UrlContents {
  readonly #context: CommandContext;
  readonly #options: UrlOptions;
  readonly #named = new Map<string, Source | null>();

  constructor(context: CommandContext, options: UrlOptions) {
    this.#context = context;
    this.#options = options;
  }

  /**
   * null: it names nothing here, or what the user may not read, which must look so (RFC 4314, 6). Its octets may end with
   * ContentGone, where the message is expunged meanwhile. @throws AppendRefused where nobody can tell at the moment
   */
  async find(url: string): Promise<UrlContent | null> {
    const { session } = this.#context;
    const parsed = parseMessageUrl(url, session.selected?.name ?? null, this.#options.limits);
    if (parsed === null) return null;
    const source = parsed.mailbox === null ? this.#selected() : await this.#mailbox(parsed.mailbox);
    if (source === null) return null;
    const { uidValidity } = parsed;
    if (uidValidity !== null && uidValidity !== source.uidValidity) return null;
    return this.#read(source, parsed);
  }

  /** As it is, under whatever name by now; one that is gone looks empty (RFC 2180, 3.3), whatever the database still has. */
  #selected(): Source | null {
    const { session } = this.#context;
    if (session.selected === null) return null;
    const { readable, store, mailbox: id, cursor } = SelectedMailbox.of(session);
    const { deleted, state } = cursor.view;
    return readable && !deleted ? { store, id, uidValidity: state.uidValidity } : null;
  }

  async #mailbox(name: string): Promise<Source | null> {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const { sharing, command } = this.#options;
    const found = await sharing.find({ command, mailbox: name, as: 'read' }, this.#context);
    if (found.kind === 'refused' && found.completion.code === 'UNAVAILABLE') throw new AppendRefused(found.completion);
    const source =
      found.kind === 'refused'
        ? null
        : { store: found.place.store, id: found.mailbox.id, uidValidity: found.mailbox.uidValidity };
    this.#named.set(name, source);
    return source;
  }

  async #read(
    { store, id: mailbox }: Source,
    { uid: number, section, partial }: MessageUrl,
  ): Promise<UrlContent | null> {
    const uid = number as Uid;
    const item: FetchSection = { kind: 'SECTION', label: '', section, partial, peek: true };
    const found = await this.#message(store, { mailbox, uids: [uid], fields: fieldsFor(item) });
    if (found === null || found.expunged === true) return null;
    const message = { store, mailbox, uid };
    const content = sectionContent(item, found);
    switch (content.kind) {
      case 'none':
        return null;
      case 'octets':
        return { size: content.octets.length, octets: [content.octets] };
      case 'stream':
        return { size: content.range.to - content.range.from, octets: this.#raw(message, content.range) };
      case 'fields': {
        const { from, to } = content.range;
        const header = { from, to: Math.min(to, from + LARGEST_INNER_HEADER) };
        const pieces = await Array.fromAsync(this.#raw(message, header));
        const octets = fieldsOf(item, Buffer.concat(pieces));
        return { size: octets.length, octets: [octets] };
      }
    }
  }

  async #message(
    store: Store,
    request: {
      readonly mailbox: MailboxId;
      readonly uids: readonly Uid[];
      readonly fields: ReadonlySet<ContentField>;
    },
  ): Promise<MessageContent | null> {
    for await (const [message] of store.readMessages(request, this.#context.attempt)) return message ?? null;
    return null;
  }

  #raw(
    { store, mailbox, uid }: { readonly store: Store; readonly mailbox: MailboxId; readonly uid: Uid },
    { from, to }: ByteRange,
  ): AsyncIterable<Buffer> {
    return store.readRaw({ mailbox, uid, offset: from, length: to - from }, this.#context.attempt);
  }
}

function fieldsFor(item: FetchSection): ReadonlySet<ContentField> {
  if (isTopHeader(item)) return new Set(['header', 'expunged']);
  return isWhole(item) ? new Set(['size', 'expunged']) : new Set(['size', 'partIndex', 'expunged']);
}
