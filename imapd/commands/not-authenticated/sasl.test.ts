import { expect, test } from 'vitest';
import { decodeAnswer, saslMechanisms } from './sasl.ts';

const { PLAIN, LOGIN } = saslMechanisms;

test('PLAIN takes identity, user and password from one answer', () => {
  expect(PLAIN([])).toEqual({ kind: 'ask', challenge: '' });
  expect(PLAIN([Buffer.from('\0ada\0pass word é')])).toEqual({
    kind: 'credentials',
    user: 'ada',
    password: 'pass word é',
    identity: null,
  });
  expect(PLAIN([Buffer.from('ada\0ada\0p')])).toMatchObject({ kind: 'credentials', identity: 'ada' });
});

test('PLAIN tells for whom a user wants to act', () => {
  expect(PLAIN([Buffer.from('bob\0ada\0p')])).toMatchObject({ user: 'ada', identity: 'bob' });
});

test.each(['', 'ada', '\0ada', '\0ada\0p\0more'])('PLAIN refuses %j', (message) => {
  expect(PLAIN([Buffer.from(message)])).toMatchObject({ kind: 'invalid' });
});

test('LOGIN asks twice', () => {
  expect(LOGIN([])).toEqual({ kind: 'ask', challenge: 'Username:' });
  expect(LOGIN([Buffer.from('ada')])).toEqual({ kind: 'ask', challenge: 'Password:' });
  expect(LOGIN([Buffer.from('ada'), Buffer.from('p')])).toEqual({
    kind: 'credentials',
    user: 'ada',
    password: 'p',
    identity: null,
  });
});

test.each([
  ['YQ==', 'a'],
  ['', ''],
])('%j is base64', (line, text) => expect(decodeAnswer(Buffer.from(line))?.toString()).toBe(text));

test.each(['YQ=', 'Y', '*', 'Y Q=', 'YQ==YQ==', '\xff\xff\xff\xff'])('%j is not base64', (line) => {
  expect(decodeAnswer(Buffer.from(line, 'latin1'))).toBeNull();
});
