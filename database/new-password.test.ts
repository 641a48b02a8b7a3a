import { expect, test } from 'vitest';
import { newPassword } from './new-password.ts';

test('32 characters, some of each class', () => {
  for (let made = 0; made < 1_000; made += 1) {
    expect(newPassword()).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[-_])[\w-]{32}$/);
  }
});
