import { describe, expect, test } from 'vitest';
import { ResponseHeadReader } from './response-head.ts';

/** What is read of it in chunks of so many octets. */
function read(text: string, size: number) {
  const reader = new ResponseHeadReader();
  const octets = Buffer.from(text, 'latin1');
  for (let at = 0; at < octets.length; at += size) {
    const head = reader.take(octets.subarray(at, at + size));
    if (head !== null) return { ...head, rest: head.rest.toString() + octets.toString('latin1', at + size) };
  }
  return null;
}

describe.each([1, 7, 1_000])('in chunks of %i octets', (size) => {
  test.each([
    [
      'an upgrade, and what comes with it',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: \tlines/1 \r\n\r\na\n',
      101,
      'lines/1',
      'a\n',
    ],
    ['without a reason', 'HTTP/1.1 404\r\n\r\n', 404, undefined, ''],
    ['with a body', 'HTTP/1.0 401 Unauthorized\r\nContent-Length: 2\r\nX-Upgrade: x\r\n\r\n{}', 401, undefined, '{}'],
    [
      'after one that says to wait',
      'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 101 \r\nUpgrade: x\r\n\r\n',
      101,
      'x',
      '',
    ],
  ])('%s', (_, text, ...[status, upgrade, rest]) => {
    expect(read(text, size)).toEqual({ status, upgrade, rest });
  });

  test('what is no answer, or has no end, is none', () => {
    expect(() => read('SSH-2.0-OpenSSH_9.9\r\n\r\n', size)).toThrow('no answer of HTTP: SSH-2.0');
    expect(() => read(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`, size)).toThrow(SyntaxError);
    expect(read('HTTP/1.1 200 OK\r\nx: y\r\n', size)).toBeNull();
  });
});
