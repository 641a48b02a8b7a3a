import { expect, test } from 'vitest';
import { tlsRefusal } from './tls-refusal.ts';

const coded = (code: string, message = 'said by OpenSSL'): Error => Object.assign(new Error(message), { code });

test.each([
  [coded('HANDSHAKE_NO_SSL_SUPPORT'), /speaks no TLS/],
  [new Error('The server does not support SSL connections'), /speaks no TLS/],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), /another name: said by OpenSSL/],
  [coded('CERT_HAS_EXPIRED'), /has expired/],
  [coded('CERT_NOT_YET_VALID'), /not valid yet/],
  [coded('SELF_SIGNED_CERT_IN_CHAIN'), /no authority that is known/],
  [coded('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), /no authority that is known/],
  [coded('CERT_SIGNATURE_FAILURE'), /no authority that is known/],
  [coded('INVALID_PURPOSE'), /does not hold/],
  [coded('HANDSHAKE_SSL_ERROR'), /TLS with the server fails/],
  [coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), /TLS with the server fails/],
  [new Error('lost', { cause: coded('CERT_HAS_EXPIRED') }), /has expired/],
])('no proof of who it is: %s', (error, said) => {
  expect(tlsRefusal(error)).toMatch(said);
});

test.each([
  [coded('ECONNRESET')],
  [coded('ECONNREFUSED')],
  [coded('ERR_SSL_UNEXPECTED_EOF_WHILE_READING')],
  [new Error('Connection terminated unexpectedly')],
  ['not even an error'],
])('something else: %s', (error) => {
  expect(tlsRefusal(error)).toBeNull();
});
