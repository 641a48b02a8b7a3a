import { describe, expect, it } from 'vitest';
import { orderedSubjectThreads } from './ordered-subject.ts';
import { threadable } from './test-support/threadable.ts';
import { threadResponse } from './thread-response.ts';

describe('orderedSubjectThreads', () => {
  it('is one thread a subject, by the date of its first message, and has no grandchildren', () => {
    const messages = [
      threadable(1, { subject: 'B', date: 5 }),
      threadable(2, { subject: 'A', date: 9 }),
      threadable(3, { subject: 'B', date: 3 }),
      threadable(4, { subject: 'A', date: 4 }),
      threadable(5, { subject: 'B', date: 5 }),
      threadable(6, { subject: '', date: 3 }),
    ];
    expect(threadResponse(orderedSubjectThreads(messages), false)).toBe('* THREAD (3 (1)(5))(6)(4 2)\r\n');
  });

  it('of nothing', () => {
    expect(threadResponse(orderedSubjectThreads([]), false)).toBe('* THREAD\r\n');
  });
});
