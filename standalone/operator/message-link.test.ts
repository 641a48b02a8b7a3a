import { expect, test } from 'vitest';
import { LinkError, type LinkHandler, MessageLink } from './message-link.ts';

/** Two ends joined in memory; every message is copied, as a channel between processes does. */
function joined(handlers: Readonly<Record<string, LinkHandler>>): { near: MessageLink; far: MessageLink } {
  const deliver = (to: () => MessageLink) => (message: object) => {
    const copy: unknown = structuredClone(message);
    queueMicrotask(() => to().receive(copy));
    return true;
  };
  const near: MessageLink = new MessageLink({ send: deliver(() => far) }, {});
  const far: MessageLink = new MessageLink({ send: deliver(() => near) }, handlers);
  return { near, far };
}

test('a call is answered with the result or the error of its handler', async () => {
  const { near } = joined({
    double: async (value) => Number(value) * 2,
    fail: async () => {
      throw new Error('no disk');
    },
  });
  expect(await near.call('double', 21, { deadlineMs: 1_000 })).toBe(42);
  await expect(near.call('fail', null, { deadlineMs: 1_000 })).rejects.toThrow('no disk');
  await expect(near.call('unknown', null, { deadlineMs: 1_000 })).rejects.toThrow('no method unknown');
});

test('a caller that gives up cancels the work of the other side', async () => {
  const cancelled = Promise.withResolvers<void>();
  const { near } = joined({
    slow: async (_, signal) => {
      signal.addEventListener('abort', () => cancelled.resolve());
      await cancelled.promise;
      return 'cancelled';
    },
  });
  const controller = new AbortController();
  const call = near.call('slow', null, { deadlineMs: 5_000, signal: controller.signal });
  queueMicrotask(() => controller.abort());
  expect(await call).toBe('cancelled');
});

test('the end of the other process fails what waits for it', async () => {
  const { near } = joined({ never: () => new Promise(() => undefined) });
  const call = near.call('never', null, { deadlineMs: 5_000 });
  near.reset();
  await expect(call).rejects.toBeInstanceOf(LinkError);
});

test('nobody there: the call fails at once, not at its deadline', async () => {
  const alone = new MessageLink({ send: () => false }, {});
  await expect(alone.call('status', null, { deadlineMs: 60_000 })).rejects.toThrow('status: nobody is there');
});
