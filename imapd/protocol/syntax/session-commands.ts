import type { Authenticate, Compress, Enable, Id, Login } from '../command.ts';
import type { Cursor } from './cursor.ts';

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

/** COMPRESS mechanism: RFC 4978. */
export function compress(cursor: Cursor): Compress {
  cursor.space();
  return { name: 'COMPRESS', mechanism: cursor.oneOf(['DEFLATE'], 'a compression mechanism') };
}

/** RFC 2971, 3.3. */
const [LONGEST_ID_NAME, LONGEST_ID_VALUE] = [30, 1024];

/** ID NIL or ("name" "value" …): RFC 2971. It is for logs, so what is no UTF-8 is replaced and what is too long is cut. */
export function id(cursor: Cursor): Id {
  cursor.space();
  if (cursor.next !== '(') {
    cursor.nstring('a list of names and values');
    return { name: 'ID', fields: null };
  }
  const pair = (): readonly [string, string | null] => {
    const name = cursor.string('a field name');
    cursor.space();
    const value = cursor.nstring('a value');
    return [lossy(name, LONGEST_ID_NAME), value === null ? null : lossy(value, LONGEST_ID_VALUE)];
  };
  return { name: 'ID', fields: cursor.list(pair, { of: 'ID fields', most: cursor.limits.idFields }) };
}

const lossy = (octets: string, most: number): string => Buffer.from(octets.slice(0, most), 'latin1').toString('utf8');
