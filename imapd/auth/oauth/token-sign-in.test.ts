import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { ConfigurationError } from '#runtime/configuration.ts';
import { createLogger } from '#runtime/logger.ts';
import type { UserStores } from '../../routing/user-stores.ts';
import { OAuth } from './oauth-configuration.ts';
import { tokenSignIn } from './token-sign-in.ts';

const issuer = 'https://id.example.org';
const log = createLogger({ program: 'test', level: 'silent', pretty: false });
const start = (urls: object) => {
  const oauth = Value.Parse(OAuth, Value.Default(OAuth, { issuer, audience: 'mail', ...urls }));
  return tokenSignIn(oauth, { stores: {} as UserStores, log });
};

test.each([
  { field: 'issuer', url: `${issuer}:65536` },
  { field: 'issuer', url: 'https://192.0.2.256' },
  { field: 'jwksUri', url: `${issuer}:99999/keys` },
])('$url as $field is a mistake of the configuration, told at the start', ({ field, url }) => {
  expect(() => start({ [field]: url })).toThrow(ConfigurationError);
  expect(() => start({ [field]: url })).toThrow(`authentication.oauth.${field}: ${url} is no URL`);
});

test('a good one is where its discovery document is looked for', () => {
  expect(start({ jwksUri: `${issuer}/keys` }).discovery).toBe(`${issuer}/.well-known/openid-configuration`);
});
