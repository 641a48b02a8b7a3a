import { describe, expect, it } from 'vitest';
import { parseAddresses } from './address.ts';

const list = (text: string) =>
  parseAddresses(text).map((address) => {
    if (address.kind === 'groupStart') return `${address.name}:`;
    if (address.kind === 'groupEnd') return ';';
    const { name, route, mailbox, host } = address;
    return `${name === null ? '' : `${name} `}<${route === null ? '' : `${route}:`}${mailbox}@${host}>`;
  });

describe('addresses of RFC 5322, appendix A', () => {
  it.each([
    ['John Doe <jdoe@machine.example>', ['John Doe <jdoe@machine.example>']],
    ['"Joe Q. Public" <john.q.public@example.com>', ['Joe Q. Public <john.q.public@example.com>']],
    [
      'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
      ['Mary Smith <mary@x.test>', '<jdoe@example.org>', 'Who? <one@y.test>'],
    ],
    [
      '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
      ['<boss@nil.test>', 'Giant; "Big" Box <sysservices@example.net>'],
    ],
    [
      'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
      ['A Group:', 'Ed Jones <c@a.test>', '<joe@where.test>', 'John <jdoe@one.test>', ';'],
    ],
    ['Undisclosed recipients:;', ['Undisclosed recipients:', ';']],
    ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', ['Pete <pete@silly.test>']],
    ['(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', ['Hidden recipients:', ';']],
    ['Joe Q. Public <john.q.public@example.com>', ['Joe Q. Public <john.q.public@example.com>']],
    [
      'Mary Smith <@node.test:mary@example.net>, , jdoe@test   . example',
      ['Mary Smith <@node.test:mary@example.net>', '<jdoe@test.example>'],
    ],
    ['John Doe <jdoe@machine(comment).  example>', ['John Doe <jdoe@machine.example>']],
  ])('%s', (text, expected) => {
    expect(list(text)).toEqual(expected);
  });
});

describe('what people send', () => {
  it.each([
    ['user@host (Real Name)', ['Real Name <user@host>']],
    ['"john doe"@example.com', ['<john doe@example.com>']],
    ['user@[192.168.0.1]', ['<user@[192.168.0.1]>']],
    ['=?utf-8?q?J=C3=B6rg?= <j@x>', ['=?utf-8?q?J=C3=B6rg?= <j@x>']],
    ['root', ['<root@MISSING_DOMAIN>']],
    ['no address at all', ['<no address at all@MISSING_DOMAIN>']],
    ['<@>', ['<MISSING_MAILBOX@MISSING_DOMAIN>']],
    ['<>', ['<MISSING_MAILBOX@MISSING_DOMAIN>']],
    ['Name <a@b', ['Name <a@b>']],
    ['"open <a@b>', ['<open <a@b>@MISSING_DOMAIN>']],
    ['a@b@c', ['<a@b@c>']],
    ['', []],
    [',,;,', []],
    ['Group: a@b', ['Group:', '<a@b>', ';']],
  ])('%j', (text, expected) => {
    expect(list(text)).toEqual(expected);
  });
});
