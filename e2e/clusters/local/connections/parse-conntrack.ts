import type { Protocol, TrackedConnection } from '../../tracked-connection.ts';

const PROTOCOLS: Readonly<Record<string, Protocol>> = { tcp: 'TCP', udp: 'UDP' };

/**
 * The text of /proc/net/nf_conntrack: a line has what was sent and what comes back, four fields each.
 *
 *   ipv4 2 tcp 6 120 TIME_WAIT src=POD dst=SERVICE sport=52056 dport=53 src=BACKEND dst=POD sport=1053 dport=52056 [ASSURED] …
 *
 * Who answered is told by the way back: a Service's address is in nobody's pod. What nobody answered was no connection.
 */
export function parseConntrack(text: string): readonly TrackedConnection[] {
  return text.split('\n').flatMap((line) => {
    const protocol = PROTOCOLS[line.trim().split(/\s+/)[2] ?? ''];
    if (protocol === undefined || line.includes('[UNREPLIED]')) return [];
    const [from] = fieldsOf(line, 'src');
    const [fromPort] = fieldsOf(line, 'sport');
    const [, to] = fieldsOf(line, 'src');
    const [, toPort] = fieldsOf(line, 'sport');
    const [toward] = fieldsOf(line, 'dst');
    if (from === undefined || fromPort === undefined || toward === undefined) return [];
    if (to === undefined || toPort === undefined) return [];
    return [{ protocol, from, fromPort: Number(fromPort), toward, to, toPort: Number(toPort) }];
  });
}

function fieldsOf(line: string, name: string): readonly string[] {
  return [...line.matchAll(new RegExp(`(?<=\\s)${name}=(\\S+)`, 'g'))].map(([, value = '']) => value);
}
