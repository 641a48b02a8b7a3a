import { expect, test } from 'vitest';
import { HTTPS_URL } from './https-url.ts';

test.each([
  'https://id.example.org',
  'https://id.example.org/',
  'https://id.example.org:8443/realms/mail',
  'https://192.0.2.1/keys?use=sig',
  'https://[2001:db8::1]:8443',
])('%s is one', (url) => {
  expect(url).toMatch(new RegExp(HTTPS_URL));
  expect(URL.canParse(url)).toBe(true);
});

test.each([
  '',
  'https://',
  'https:///realm',
  'https://a b',
  'https://a/b c',
  'https://a\nb',
  'https://id.example.org\n',
  'https://user:password@id.example.org',
  'https://id.example.org:',
  'https://id.example.org:port',
  'http://id.example.org',
  ' https://id.example.org',
  'xhttps://id.example.org',
])('%j is none', (url) => {
  expect(url).not.toMatch(new RegExp(HTTPS_URL));
});
