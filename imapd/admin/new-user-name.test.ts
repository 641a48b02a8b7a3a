import { expect, test } from 'vitest';
import { newUserName } from './new-user-name.ts';
import { Problem } from './problem.ts';

test.each([
  ['Ann@Example.org', 'ann@example.org'],
  ['A\u0308nne', '\u00e4nne'],
  ['o-brien$', 'o-brien$'],
  ['anyone@example.org', 'anyone@example.org'],
])('a user may have the name %j', (given, name) => {
  expect(newUserName(given)).toBe(name);
});

test.each([
  ['Anyone', /anyone/],
  ['-bob', /begins with/],
  ['$team', /begins with/],
  ['ann/bob', /levels/],
  // What looks alike is no other user: ligatures, soft hyphens, wide letters and spaces.
  ['\ufb01ona', /"fiona"/],
  ['an\u00adn', /"ann"/],
  ['\uff0dbob', /"-bob"/],
  ['ann\u00a0b', /"ann b"/],
  ['\u200c', /""/],
])('no user may have the name %j', (given, why) => {
  expect(() => newUserName(given)).toThrow(Problem);
  expect(() => newUserName(given)).toThrow(why);
});
