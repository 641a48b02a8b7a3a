import { expect, test } from 'vitest';
import { objectName } from './object-name.ts';

const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

test('what fits is left as people would write it', () => {
  expect(objectName('mail', 'imapd')).toBe('mail-imapd');
  expect(objectName('users-a')).toBe('users-a');
});

test.each(['m'.repeat(80), `${'m'.repeat(40)}-${'n'.repeat(40)}`, 'mail.example.org', '1mail', '-', 'Mail_1'])(
  '%s becomes a label, with its suffix whole',
  (base) => {
    const name = objectName(base, 'primary');
    expect(name).toMatch(LABEL);
    expect(name).toMatch(/-primary$/);
    expect(name).toBe(objectName(base, 'primary'));
  },
);

test('names that differ only where they are cut, or in what is rewritten, stay apart', () => {
  const long = 'm'.repeat(70);
  expect(objectName(`${long}a`, 'imapd')).not.toBe(objectName(`${long}b`, 'imapd'));
  expect(objectName('mail.a')).not.toBe(objectName('mail-a'));
});
