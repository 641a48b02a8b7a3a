import { ofKind } from './group.ts';
import type { Check } from './invariant.ts';

/** I6: no session is closed by the server, and none quietly changes its TCP connection. */
export const checkSessions: Check = (history) => {
  const events = ofKind(history, 'session');
  const opened = events.filter((e) => e.what === 'opened');
  const dropped = events.filter((e) => e.what === 'closed by server');
  const ports = new Map<string, Set<number>>();
  for (const { client, port } of opened) ports.set(client, (ports.get(client) ?? new Set()).add(port));
  const moved = [...ports].filter(([, used]) => used.size > 1);
  return {
    invariant: 'I6',
    promise: 'no session dropped, same TCP connections',
    examined: opened.length,
    violations: [
      ...dropped.map((e) => `${e.client}: closed by the server at ${Math.round(e.at)} ms`),
      ...moved.map(([client, used]) => `${client}: connected ${used.size} times`),
    ],
  };
};
