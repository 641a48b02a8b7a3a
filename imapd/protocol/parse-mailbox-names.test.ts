import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import { parseCommand } from './parse-command.ts';

describe('mailbox names in UTF-8 (RFC 9051, 5.1)', () => {
  const utf8 = (text: string) => parseCommand(Buffer.from(text), DEFAULT_LIMITS, 'utf8');

  it.each([
    ['a SELECT "Entwürfe & mehr"', 'Entwürfe & mehr'],
    ['a SELECT "&AOk-"', '&AOk-'],
    ['a SELECT {3}\r\n日', '日'],
    ['a SELECT inbox', 'INBOX'],
  ])('%s', (text, mailbox) => {
    expect(utf8(text)).toMatchObject({ ok: true, command: { mailbox }, suppliedNames: new Map() });
  });

  it('a name is composed, and what was written is kept', () => {
    const parsed = utf8('a RENAME "cafe\u0301" "the\u0301"');
    expect(parsed).toMatchObject({ command: { from: 'caf\u00e9', to: 'th\u00e9' } });
    expect(parsed.ok && [...parsed.suppliedNames]).toEqual([
      ['caf\u00e9', 'cafe\u0301'],
      ['th\u00e9', 'the\u0301'],
    ]);
  });

  it('what is no UTF-8, or holds control characters, is no name', () => {
    const latin1 = (text: string) => parseCommand(Buffer.from(text, 'latin1'), DEFAULT_LIMITS, 'utf8');
    // RFC 6855, 3.
    expect(latin1('a SELECT "\xe9"')).toMatchObject({ ok: false, refusal: { status: 'BAD' } });
    expect(latin1('a ID ("name" "\xe9")')).toMatchObject({ ok: false, refusal: { status: 'BAD' } });
    expect(latin1('a SELECT {1}\r\n\xe9')).toMatchObject({ ok: false, refusal: { status: 'NO' } });
    expect(utf8('a CREATE "a\u0085"')).toMatchObject({ ok: false, refusal: { status: 'NO' } });
  });
});

describe('mailbox names of clients that have not enabled UTF-8 (RFC 6855, 3)', () => {
  const parse = (text: string) => parseCommand(Buffer.from(text, 'latin1'), DEFAULT_LIMITS, 'modifiedUtf7');
  const octets = (text: string) => Buffer.from(text).toString('latin1');

  it('may be UTF-8 in quotes, where nothing is modified UTF-7', () => {
    expect(parse(`a SELECT "${octets('Entwürfe & &AOk-')}"`)).toMatchObject({
      command: { mailbox: 'Entwürfe & &AOk-' },
    });
    expect(parse('a SELECT "Entw&APw-rfe"')).toMatchObject({ command: { mailbox: 'Entwürfe' } });
  });

  it('and in no other way', () => {
    for (const name of ['"\xe9"', `{2}\r\n${octets('é')}`]) {
      expect(parse(`a SELECT ${name}`)).toMatchObject({ ok: false, refusal: { status: 'NO', code: 'CANNOT' } });
    }
  });
});
