import type { Limits } from './limits.ts';
import { canonicalInbox } from './mailbox-name.ts';
import type { PartialRange, Section } from './section.ts';
import { Cursor } from './syntax/cursor.ts';
import { section } from './syntax/section.ts';
import { SyntaxFault } from './syntax/syntax-fault.ts';

/** A message, or a part of one, on this server (RFC 5092, 6). */
export type MessageUrl = {
  /** From the top of the user's mailboxes; null: the selected one. */
  readonly mailbox: string | null;
  readonly uidValidity: number | null;
  readonly uid: number;
  readonly section: Section;
  readonly partial: PartialRange | null;
};

const PATH =
  /^(?<mailbox>[^;]*?)(?:;UIDVALIDITY=(?<validity>[1-9]\d{0,9}))?(?:^|\/);UID=(?<uid>[1-9]\d{0,9})(?:\/;SECTION=(?<section>[^;]+?))?(?:\/;PARTIAL=(?<offset>\d{1,10})(?:\.(?<length>[1-9]\d{0,9}))?)?$/i;
const SCHEME = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;
const LARGEST = 0xffff_ffff;

/**
 * A relative URL, as CATENATE has them (RFC 4469, 3): `/box;UIDVALIDITY=1/;UID=20/;SECTION=1.MIME/;PARTIAL=0.100`. Without a
 * slash in front it is read from the level of the mailbox `base`, the selected one (RFC 3986, 5.2.3). null: it is none, or
 * names another server, or a mailbox instead of a message, or holds an authorization (URLAUTH).
 */
export function parseMessageUrl(url: string, base: string | null, limits: Limits): MessageUrl | null {
  if (!/^[\x21-\x7e]+$/.test(url) || SCHEME.test(url)) return null;
  const found = PATH.exec(url)?.groups;
  if (found === undefined) return null;
  const { mailbox = '', validity, uid, section: text, offset, length } = found;
  const name = decoded(mailbox);
  const wanted = text === undefined ? WHOLE : sectionOf(decoded(text), limits);
  const numbers = [validity, uid, offset, length].map((digits) => Number(digits ?? 0));
  if (name === null || wanted === null || numbers.some((number) => number > LARGEST)) return null;
  const chosen = mailboxOf(name, base);
  if (chosen !== null && !isName(chosen, limits)) return null;
  return {
    mailbox: chosen,
    uidValidity: validity === undefined ? null : Number(validity),
    uid: Number(uid),
    section: wanted,
    // Without a length: up to the end.
    partial: offset === undefined ? null : { offset: Number(offset), length: Number(length ?? LARGEST) },
  };
}

const WHOLE: Section = { part: [], text: null };

function mailboxOf(name: string, base: string | null): string | null {
  if (name === '' || name === '/') return null;
  const above = base === null ? '' : base.slice(0, base.lastIndexOf('/') + 1);
  const path = name.startsWith('/') ? name.slice(1) : `${above}${name}`;
  return canonicalInbox(path.normalize('NFC'));
}

const isName = (name: string, limits: Limits): boolean =>
  name !== '' && !/\p{Cc}/u.test(name) && Buffer.byteLength(name) <= limits.mailboxName;

/** UTF-8 out of its percent-encoding; null where it is none. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function sectionOf(text: string | null, limits: Limits): Section | null {
  if (text === null) return null;
  const cursor = new Cursor(Buffer.from(`[${text}]`), limits);
  try {
    const found = section(cursor);
    return cursor.atEnd ? found : null;
  } catch (error) {
    if (error instanceof SyntaxFault) return null;
    throw error;
  }
}
