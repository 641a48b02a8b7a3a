import { expect, test } from 'vitest';
import { parseConntrack } from './parse-conntrack.ts';

test.each([
  [
    'a connection to a pod',
    'ipv4     2 tcp      6 431999 ESTABLISHED src=10.244.1.5 dst=10.244.2.7 sport=40000 dport=5432 src=10.244.2.7 dst=10.244.1.5 sport=5432 dport=40000 [ASSURED] mark=0 zone=0 use=2',
    [{ protocol: 'TCP', from: '10.244.1.5', fromPort: 40_000, toward: '10.244.2.7', to: '10.244.2.7', toPort: 5432 }],
  ],
  [
    'to a Service: who answered',
    'ipv4     2 udp      17 29 src=10.244.1.5 dst=10.96.0.10 sport=40001 dport=53 src=10.244.3.2 dst=10.244.1.5 sport=1053 dport=40001 mark=0 zone=0 use=2',
    [{ protocol: 'UDP', from: '10.244.1.5', fromPort: 40_001, toward: '10.96.0.10', to: '10.244.3.2', toPort: 1053 }],
  ],
  [
    'behind another address on the way: who connected',
    'ipv4     2 tcp      6 119 TIME_WAIT src=10.77.0.1 dst=10.96.3.4 sport=40002 dport=993 src=10.244.1.9 dst=10.77.0.11 sport=1993 dport=61000 [ASSURED] mark=0 zone=0 use=2',
    [{ protocol: 'TCP', from: '10.77.0.1', fromPort: 40_002, toward: '10.96.3.4', to: '10.244.1.9', toPort: 1993 }],
  ],
  [
    'one that nobody answered',
    'ipv4     2 tcp      6 119 SYN_SENT src=10.244.1.5 dst=10.244.2.7 sport=1 dport=2 [UNREPLIED] src=10.244.2.7 dst=10.244.1.5 sport=2 dport=1 mark=0 zone=0 use=2',
    [],
  ],
  [
    'another protocol',
    'ipv4     2 icmp     1 29 src=10.77.0.1 dst=10.77.0.11 type=8 code=0 id=7 src=10.77.0.11 dst=10.77.0.1 type=0 code=0 id=7 mark=0 zone=0 use=2',
    [],
  ],
  ['nothing', '\n', []],
])('%s', (_what, text, expected) => {
  expect(parseConntrack(text)).toEqual(expected);
});
