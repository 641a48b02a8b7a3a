import { expect, test } from 'vitest';
import { failureOf } from '../failure-of.ts';
import { withOwnCode } from './own-code.ts';

/** As the driver hands it on. */
const overwritten = (message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { code: 'HANDSHAKE_SSL_ERROR', fatal: true, ...more });

test.each([
  ['certificate has expired', {}, 'CERT_HAS_EXPIRED'],
  ['unable to verify the first certificate', {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ["Hostname/IP does not match certificate's altnames: …", { cert: {} }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['tlsv1 alert protocol version', {}, 'HANDSHAKE_SSL_ERROR'],
])('of a certificate: %s', (message, more, code) => {
  expect(withOwnCode(overwritten(message, more))).toMatchObject({ message, code });
});

test.each([
  ['read ECONNRESET', { errno: -104, syscall: 'read' }],
  ['Client network socket disconnected before secure TLS connection was established', {}],
])('a server that was killed in the middle of a handshake is one that hung up: %s', (message, more) => {
  expect(failureOf(withOwnCode(overwritten(message, more)))).toBe('reset');
});

test('what is not of a handshake stays as it is', () => {
  const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104 });
  expect(withOwnCode(error)).toMatchObject({ code: 'ECONNRESET' });
  expect(withOwnCode('not even an error')).toBe('not even an error');
});
