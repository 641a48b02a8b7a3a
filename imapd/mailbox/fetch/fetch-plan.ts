import type { Fetch } from '../../protocol/command.ts';
import type { FetchItem, FetchSection } from '../../protocol/fetch-item.ts';
import type { ContentField } from '../../store/content-store.ts';

/** How a FETCH is answered: known before the first message is looked at. */
export type FetchPlan = {
  /** In the order of the answer. */
  readonly items: readonly FetchItem[];
  /** What must be read of each message; empty: the view knows it all. */
  readonly fields: ReadonlySet<ContentField>;
  /** RFC 3501, 6.4.5: a body was read without PEEK. */
  readonly marksSeen: boolean;
};

/** `uidOnly`: every answer begins with the UID, which is then told again only to who asks for it (RFC 9586). */
export function planFetch(command: Fetch, uidOnly = false): FetchPlan {
  const named = command.items.some((item) => item.kind === 'UID');
  const items: readonly FetchItem[] =
    command.uid && !named && !uidOnly ? [{ kind: 'UID' }, ...command.items] : command.items;
  return {
    items,
    fields: new Set(items.flatMap(fieldsOf)),
    marksSeen: items.some((item) => 'peek' in item && !item.peek),
  };
}

/** What must be read of a message for these. */
export const fieldsOfItems = (items: readonly FetchItem[]): ReadonlySet<ContentField> =>
  new Set(items.flatMap(fieldsOf));

/** The same for the same items in the same order. */
export const keyOfItems = (items: readonly FetchItem[]): string =>
  items
    .map((item) =>
      'label' in item ? `${item.label}${'partial' in item ? item.partial?.length : ''}` : JSON.stringify(item),
    )
    .join(' ');

function fieldsOf(item: FetchItem): readonly ContentField[] {
  switch (item.kind) {
    case 'FLAGS':
    case 'UID':
    case 'MODSEQ':
    case 'THREADID':
      return [];
    case 'EMAILID':
      return ['internalDate', 'contentHash'];
    case 'INTERNALDATE':
      return ['internalDate'];
    case 'SAVEDATE':
      return ['savedAt'];
    case 'RFC822.SIZE':
      return ['size'];
    case 'ENVELOPE':
      return ['envelope'];
    case 'BODY':
      return ['body'];
    case 'BODYSTRUCTURE':
      return ['bodyStructure'];
    case 'SECTION':
      return fieldsOfSection(item);
    case 'PREVIEW':
      return ['partIndex', 'head'];
    case 'BINARY':
    case 'BINARY.SIZE':
      return ['size', 'partIndex', 'raw'];
  }
}

function fieldsOfSection(item: FetchSection): readonly ContentField[] {
  if (isTopHeader(item)) return ['header'];
  return isWhole(item) ? ['size', 'raw'] : ['size', 'partIndex', 'raw'];
}

/** `BODY[]`: what clients ask for most needs no look at the parts. */
export const isWhole = ({ section }: FetchSection): boolean => section.part.length === 0 && section.text === null;

/** The header of the message itself is kept apart: reading it never touches the body. */
export function isTopHeader({ section }: FetchSection): boolean {
  return section.part.length === 0 && (section.text?.kind.startsWith('HEADER') ?? false);
}
