import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalInbox, decodeMailboxName, encodeMailboxName } from './mailbox-name.ts';

describe('modified UTF-7', () => {
  it('writes the example of RFC 3501, 5.1.3', () => {
    expect(encodeMailboxName('~peter/mail/台北/日本語')).toBe('~peter/mail/&U,BTFw-/&ZeVnLIqe-');
    expect(decodeMailboxName('~peter/mail/&U,BTFw-/&ZeVnLIqe-')).toBe('~peter/mail/台北/日本語');
  });

  it('writes "&" as "&-", also between other characters', () => {
    expect(encodeMailboxName('Q&A')).toBe('Q&-A');
    expect(encodeMailboxName('ä&ö')).toBe('&AOQ-&-&APY-');
  });

  it.each([
    ['superfluous shift', '&Jjo!'],
    ['two runs where one would do', '&U,BTFw-&ZeVnLIqe-'],
    ['base64 of what needs none', '&AGE-'],
    ['a lone &', 'a&b'],
    ['padding bits that are not zero', '&AOR-'],
    ['half a character', '&AO-'],
    ['8-bit octets', 'K\xf6ln'],
    ['a slash where base64 has a comma', '&U/BTFw-'],
    ['a control character', 'a\tb'],
    ['half a surrogate pair, which UTF-8 has not', '&2AA-'],
  ])('refuses %s', (_, encoded) => {
    expect(decodeMailboxName(encoded)).toBeNull();
  });

  it('comes back as it was', () => {
    const name = fc.string({
      unit: fc.oneof(
        fc.constantFrom('&', '-', ',', '/', 'a'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(name, (given) => {
        const encoded = encodeMailboxName(given);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeMailboxName(encoded)).toBe(canonicalInbox(given));
      }),
      { numRuns: 200 },
    );
  });

  it('has one spelling for one name: whatever decodes encodes to itself', () => {
    const spelling = fc.string({ unit: fc.constantFrom('&', '-', ',', 'A', 'G', 'E', 'a', '0', '/', '+') });
    fc.assert(
      fc.property(spelling, (encoded) => {
        const name = decodeMailboxName(encoded);
        if (name !== null) expect(encodeMailboxName(name)).toBe(encoded);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('INBOX', () => {
  it('is spelt in capitals, alone and as a parent', () => {
    expect(decodeMailboxName('inbox')).toBe('INBOX');
    expect(decodeMailboxName('Inbox/Work')).toBe('INBOX/Work');
    expect(decodeMailboxName('inboxes')).toBe('inboxes');
  });
});
