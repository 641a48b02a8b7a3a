import { rightsOf } from '../../acl/shared-listings.ts';
import type { ListReturn, ListSelection } from '../../protocol/list-options.ts';
import type { ResponseWriter } from '../../protocol/response-writer.ts';
import { writeMyRights } from '../acl/my-rights.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import type { ListedName } from './mailbox-selection.ts';
import { type StatusOptions, writeStatus } from './status-line.ts';

export type ListLineOptions = {
  /** What the children of a name have met, where RECURSIVEMATCH lists it for their sake. */
  readonly selection: ListSelection;
  readonly returns: ListReturn;
  readonly capabilities: Pick<Capabilities, 'has' | 'appendLimit'>;
  readonly deletedOctets: StatusOptions['deletedOctets'];
  readonly unseen: StatusOptions['unseen'];
  /** To a client of IMAP4rev2. */
  readonly rev2: boolean;
};

/** One LIST response (RFC 3501, 7.2.2; RFC 5258, 6), with the STATUS and MYRIGHTS responses that belong to it (RFC 5819, RFC 8440). */
export function writeListLine(writer: ResponseWriter, listed: ListedName, options: ListLineOptions): void {
  writer.raw('* LIST ').atoms(attributesOf(listed, options)).raw(' "/" ').mailbox(listed.name);
  if (listed.childMatches) writer.raw(` ("CHILDINFO" (${criteriaOf(options.selection)}))`);
  writer.crlf();
  const { listing } = listed;
  if (listing?.state == null) return;
  const rights = rightsOf(listing);
  if (options.returns.myRights) writeMyRights(writer, listed.name, rights);
  const items = options.returns.status;
  const { deletedOctets, unseen } = options;
  const { appendLimit } = options.capabilities;
  // RFC 5819, 2: no word of what may not be read.
  const status = { appendLimit, deletedOctets, unseen };
  if (items !== null && rights.has('r')) writeStatus(writer, listing.state, { items, ...status });
}

/** RFC 5258, 4: only what was asked for; RFC 6154, 6. */
function criteriaOf({ subscribed, specialUse }: ListSelection): string {
  return [...(subscribed ? ['"SUBSCRIBED"'] : []), ...(specialUse ? ['"SPECIAL-USE"'] : [])].join(' ');
}

/** One LSUB response. A subscribed name that cannot be selected says so (RFC 3501, 7.2.3). */
export function writeLsubLine(writer: ResponseWriter, listed: ListedName): void {
  const attributes = listed.listing?.state == null ? ['\\Noselect'] : [];
  writer.raw('* LSUB ').atoms(attributes).raw(' "/" ').mailbox(listed.name).crlf();
}

/** Children (RFC 3348) and special uses (RFC 6154) cost nothing here, so every LIST tells them. */
function attributesOf(listed: ListedName, { returns, capabilities, rev2 }: ListLineOptions): readonly string[] {
  const { listing, hasChildren } = listed;
  const attributes: string[] = [];
  // RFC 9051, 7.3.1. A client of before, which may not know the word, is told of a level as ever (RFC 3501, 6.3.4).
  const nonExistent = rev2 || (!hasChildren && capabilities.has('LIST-EXTENDED'));
  if (listing?.state == null) attributes.push(nonExistent ? '\\NonExistent' : '\\Noselect');
  if (capabilities.has('CHILDREN')) attributes.push(hasChildren ? '\\HasChildren' : '\\HasNoChildren');
  if (returns.subscribed && listing?.subscribed === true) attributes.push('\\Subscribed');
  return capabilities.has('SPECIAL-USE') ? attributes.concat(listing?.specialUse ?? []) : attributes;
}
