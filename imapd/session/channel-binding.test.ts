import { expect, test } from 'vitest';
import { endPointHash } from './channel-binding.ts';

// RFC 5929, 4.1.
test.each([
  ['sha256WithRSAEncryption', 'sha256'],
  ['ecdsa-with-SHA384', 'sha384'],
  ['sha512WithRSAEncryption', 'sha512'],
  ['sha1WithRSAEncryption', 'sha256'],
  ['ecdsa-with-SHA1', 'sha256'],
  ['md5WithRSAEncryption', 'sha256'],
  ['ED25519', null],
  ['rsassaPss', null],
  ['', null],
])('a certificate signed with %s is hashed with %s', (signature, expected) => {
  expect(endPointHash(signature)).toBe(expected);
});
