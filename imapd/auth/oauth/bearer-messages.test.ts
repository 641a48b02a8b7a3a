import { expect, test } from 'vitest';
import { type BearerMechanism, readBearerRequest } from './bearer-messages.ts';

const read = (mechanism: BearerMechanism, text: string) =>
  readBearerRequest(mechanism, Buffer.from(text.replaceAll('^', '\u0001')));

test.each([
  { text: 'n,,^auth=Bearer abc^^', identity: null, token: 'abc' },
  {
    text: 'y,a=ada@example.org,^host=h^port=143^auth=bEaReR  a.b-c_d/e+f~g==^^',
    identity: 'ada@example.org',
    token: 'a.b-c_d/e+f~g==',
  },
  { text: 'n,a=a=2Cb=3Dc,^auth=Bearer abc^unknown=x y^^', identity: 'a,b=c', token: 'abc' },
])('OAUTHBEARER: $text', ({ text, ...request }) => {
  expect(read('OAUTHBEARER', text)).toEqual(request);
});

test.each([
  { text: 'user=ada^auth=Bearer abc^^', identity: 'ada', token: 'abc' },
  { text: 'user=^auth=Bearer abc^^', identity: null, token: 'abc' },
  { text: 'user=a=b,c^auth=Bearer abc^^', identity: 'a=b,c', token: 'abc' },
])('XOAUTH2: $text', ({ text, ...request }) => {
  expect(read('XOAUTH2', text)).toEqual(request);
});

test.each<[BearerMechanism, string]>([
  ['OAUTHBEARER', ''],
  ['OAUTHBEARER', '^'],
  ['OAUTHBEARER', 'n,,^^'],
  ['OAUTHBEARER', 'n,,^host=h^^'],
  ['OAUTHBEARER', 'n,,^auth=Bearer abc^'],
  ['OAUTHBEARER', 'n,,^auth=Bearer abc'],
  ['OAUTHBEARER', 'n,,^auth=Bearer abc^^more'],
  ['OAUTHBEARER', 'n,,^auth=Basic abc^^'],
  ['OAUTHBEARER', 'n,,^auth=Bearer a b^^'],
  ['OAUTHBEARER', 'n,,^auth=Bearer ^^'],
  ['OAUTHBEARER', 'n,,^xauth=Bearer abc^^'],
  ['OAUTHBEARER', 'p=tls-exporter,,^auth=Bearer abc^^'],
  ['OAUTHBEARER', 'n,a=a=2Bb,^auth=Bearer abc^^'],
  ['OAUTHBEARER', 'n,a=,^auth=Bearer abc^^'],
  ['OAUTHBEARER', 'user=ada^auth=Bearer abc^^'],
  ['XOAUTH2', 'n,,^auth=Bearer abc^^'],
  ['XOAUTH2', 'user=ada^auth=Bearer abc^'],
  ['XOAUTH2', 'user=\0^auth=Bearer abc^^'],
])('%s does not take %s', (mechanism, text) => {
  expect(read(mechanism, text)).toBeNull();
});

test('what is not UTF-8 is no message', () => {
  const message = Buffer.concat([
    Buffer.from('user='),
    Buffer.from([0xff]),
    Buffer.from('\u0001auth=Bearer a\u0001\u0001'),
  ]);
  expect(readBearerRequest('XOAUTH2', message)).toBeNull();
});
