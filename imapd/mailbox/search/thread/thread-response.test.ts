import { describe, expect, it } from 'vitest';
import { threadable } from './test-support/threadable.ts';
import type { ThreadNode } from './thread-node.ts';
import { threadResponse } from './thread-response.ts';

const node = (sequence: number | null, ...children: ThreadNode[]): ThreadNode => ({
  content: sequence === null ? null : threadable(sequence),
  children,
});

describe('threadResponse', () => {
  it.each([
    // The examples of RFC 5256, BASE.7.2.THREAD.
    [[node(2), node(3, node(6, node(4, node(23)), node(44, node(7, node(96)))))], '(2)(3 6 (4 23)(44 7 96))'],
    [[node(null, node(3), node(5))], '((3)(5))'],
    [[node(null, node(3, node(4)), node(5)), node(200, node(202))], '((3 4)(5))(200 202)'],
    [[node(188, node(184), node(189))], '(188 (184)(189))'],
  ])('%#: %o', (threads, text) => {
    expect(threadResponse(threads, false)).toBe(`* THREAD ${text}\r\n`);
  });

  it('gives UIDs to UID THREAD', () => {
    expect(threadResponse([node(2, node(3))], true)).toBe('* THREAD (102 103)\r\n');
  });

  it('writes conversations of any depth', () => {
    let deep = node(1);
    for (let n = 2; n <= 50_000; n++) deep = node(n, deep);
    let forked = node(1);
    for (let n = 2; n <= 50_000; n++) forked = node(n, forked, node(100_000 + n));
    expect(threadResponse([deep], false)).toMatch(/^\* THREAD \(50000 49999 .* 2 1\)\r\n$/);
    expect(threadResponse([forked], false)).toMatch(/^\* THREAD \(50000 \(49999 \(.*\)\(150000\)\)\r\n$/);
  });
});
