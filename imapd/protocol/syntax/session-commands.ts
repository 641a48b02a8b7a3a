import type { Authenticate, Enable, Id, Login } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { SyntaxFault } from './syntax-fault.ts';

const BASE64 = /=(?![^ ])|(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![^ ])/y;

/** AUTHENTICATE mechanism [initial-response]: RFC 3501, 6.2.2; RFC 4959. */
export function authenticate(cursor: Cursor): Authenticate {
  cursor.space();
  const mechanism = cursor.word('a SASL mechanism');
  const initialResponse = cursor.more() ? saslResponse(cursor) : null;
  return { name: 'AUTHENTICATE', mechanism, initialResponse };
}

function saslResponse(cursor: Cursor): Buffer {
  const base64 = cursor.match(BASE64)?.[0] || cursor.fail('base64, or "=" for nothing');
  return base64 === '=' ? Buffer.alloc(0) : Buffer.from(base64, 'base64');
}

/** LOGIN user password: RFC 3501, 6.2.3. */
export function login(cursor: Cursor): Login {
  cursor.space();
  const user = cursor.text('a user name');
  cursor.space();
  return { name: 'LOGIN', user, password: cursor.text('a password') };
}

/** ENABLE capability …: RFC 5161. */
export function enable(cursor: Cursor): Enable {
  cursor.space();
  const capabilities = [cursor.word('a capability')];
  while (cursor.more()) capabilities.push(cursor.word('a capability'));
  return { name: 'ENABLE', capabilities };
}

/** ID NIL or ("name" "value" …): RFC 2971. Its text is for logs: whatever is no UTF-8 there is replaced. */
export function id(cursor: Cursor): Id {
  cursor.space();
  if (cursor.next !== '(') {
    cursor.nstring('a list of names and values');
    return { name: 'ID', fields: null };
  }
  const pair = (): readonly [string, string | null] => {
    const name = cursor.string('a field name');
    cursor.space();
    return [lossy(name), optional(cursor.nstring('a value'))];
  };
  const fields = cursor.list(pair, { of: 'ID fields', most: cursor.limits.idFields });
  const tooLong = fields.some(([name, value]) => name.length > 30 || (value?.length ?? 0) > 1024);
  if (tooLong) throw new SyntaxFault('ID names are at most 30 octets, values 1024 (RFC 2971, 3.3)');
  return { name: 'ID', fields };
}

const lossy = (octets: string): string => Buffer.from(octets, 'latin1').toString('utf8');
const optional = (octets: string | null): string | null => (octets === null ? null : lossy(octets));
