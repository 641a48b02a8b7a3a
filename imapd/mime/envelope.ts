import type { ResponseWriter } from '../protocol/response-writer.ts';
import { type Address, parseAddresses } from './address.ts';
import type { Fields } from './header-collector.ts';
import { fieldOf } from './part.ts';

/** ENVELOPE of a header (RFC 3501, 7.4.2): `(date subject from sender reply-to to cc bcc in-reply-to message-id)`. */
export function writeEnvelope(writer: ResponseWriter, fields: Fields): void {
  const text = (name: string) => octets(fieldOf(fields, name));
  const from = addressesOf(fields, 'from');
  const orFrom = (name: string) => {
    const addresses = addressesOf(fields, name);
    return addresses.length > 0 ? addresses : from;
  };
  writer.raw('(').nstring(text('date')).space().nstring(text('subject'));
  const lists = [from, orFrom('sender'), orFrom('reply-to'), ...['to', 'cc', 'bcc'].map((n) => addressesOf(fields, n))];
  for (const addresses of lists) writeAddresses(writer.space(), addresses);
  writer.space().nstring(text('in-reply-to')).space().nstring(text('message-id')).raw(')');
}

const octets = (latin1: string | null): Buffer | null => (latin1 === null ? null : Buffer.from(latin1, 'latin1'));

/** Repeated address fields are against RFC 5322, 3.6; nobody named in one is left out. */
const addressesOf = (fields: Fields, name: string): Address[] => parseAddresses((fields.get(name) ?? []).join(','));

function writeAddresses(writer: ResponseWriter, addresses: readonly Address[]): void {
  if (addresses.length === 0) {
    writer.nil();
    return;
  }
  writer.raw('(');
  for (const address of addresses) writeAddress(writer, address);
  writer.raw(')');
}

/** `(name route mailbox host)`; a group is framed by `(NIL NIL name NIL)` and `(NIL NIL NIL NIL)`. */
function writeAddress(writer: ResponseWriter, address: Address): void {
  if (address.kind === 'groupEnd') {
    writer.raw('(NIL NIL NIL NIL)');
    return;
  }
  const mailbox = address.kind === 'mailbox' ? address : { name: null, route: null, mailbox: address.name, host: null };
  writer.raw('(').nstring(octets(mailbox.name)).space().nstring(octets(mailbox.route));
  writer.space().nstring(octets(mailbox.mailbox)).space().nstring(octets(mailbox.host)).raw(')');
}
