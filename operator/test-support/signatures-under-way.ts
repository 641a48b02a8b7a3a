import { createHook } from 'node:async_hooks';

const running = new Set<number>();

createHook({
  init(id, type) {
    if (type === 'SIGNREQUEST') running.add(id);
  },
  after(id) {
    running.delete(id);
  },
  destroy(id) {
    running.delete(id);
  },
}).enable();

/** Signatures that the thread pool is working on. They take real time, so virtual time stands still meanwhile. */
export const signaturesUnderWay = (): number => running.size;
