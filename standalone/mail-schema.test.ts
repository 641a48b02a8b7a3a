import { expect, test } from 'vitest';
import { MAIL_SCHEMA } from '#contract/mail-schema.ts';
import { newestSchema } from './plan.ts';

test('the schema that the operator on Kubernetes asks for is the newest migration of imapd', () => {
  expect(MAIL_SCHEMA).toBe(newestSchema);
});
