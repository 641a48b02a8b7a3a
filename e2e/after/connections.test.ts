import { expect, test } from 'vitest';
import { connectCluster } from '../clusters/connect-cluster.ts';
import { layout, MOST_NODES, planNodes } from '../clusters/local/layout.ts';
import { allows, refusedBy } from '../connections/allows.ts';
import { CONNECTIONS_VARIABLE, readConnectionLog } from '../connections/connection-log.ts';
import { type Flow, flowText } from '../connections/flow.ts';
import { inBlock } from '../connections/in-block.ts';
import { rulePartsOf } from '../connections/rule-parts.ts';

/**
 * Promise: after all other tests, by what the nodes' kernels have seen: a cluster that enforces the NetworkPolicies of the
 * chart and of the operator would have refused no connection that was needed, and each of their rules was needed by one, but
 * for those that wait for what did not happen here.
 * Budget: 30 s.
 */

type Machine = { readonly cidr: string; readonly why: string };

/** Who connects and is no pod, so that no policy can name it by labels; none of them is part of the product. */
const machines: readonly Machine[] = [
  { cidr: `${layout.controlPlane}/32`, why: 'the tests themselves: mail programs, kubectl imap, the admin port' },
  ...planNodes(MOST_NODES).flatMap(({ address, pods }) => [
    { cidr: `${address}/32`, why: 'a node: every implementation lets a kubelet probe the pods of its own' },
    // The first address of a node's range is that of its bridge.
    { cidr: pods.replace(/0\/24$/, '1/32'), why: 'the same, by the address that it has among the pods' },
  ]),
];

/** Rules that a run on this cluster cannot use, and why. */
const UNUSED: Readonly<Record<string, string>> = {
  'database: to anybody, 53/UDP': 'pods of the name service listen at 1053 here; elsewhere at 53',
  'database: to anybody, 53/TCP': 'pods of the name service listen at 1053 here; elsewhere at 53',
  'database: to anybody, dns-tcp/TCP': 'for answers that do not fit into a packet; none is so long here',
};
/** Rules that a run uses or not, as it happens, and why. */
const SELDOM: Readonly<Record<string, string>> = {
  'database: to anybody, dns/UDP': 'names of members are looked up only while their pods have no address',
};

const isMachine = ({ from }: Flow): boolean =>
  from.pod === null && machines.some((machine) => inBlock(from.address, machine));

test('no policy refuses what was needed, and no rule is left over', async ({ skip }) => {
  const cluster = await connectCluster();
  const file = process.env[CONNECTIONS_VARIABLE];
  if (file === undefined || (await cluster.connections()) === null)
    return skip('the connections of this cluster cannot be seen');
  const { flows, policies } = await readConnectionLog(file);
  const ours = policies.filter(({ labels }) => labels['app.kubernetes.io/part-of'] === 'imapcluster');
  expect(flows.length).toBeGreaterThan(100);
  const isRefused = (flow: Flow): boolean =>
    refusedBy(flow, 'Ingress', ours).length > 0 || refusedBy(flow, 'Egress', ours).length > 0;
  // Who has not heard yet that an address is another pod's by now is refused rightly: what was meant counts.
  const isStray = (flow: Flow): boolean =>
    flow.to.formerly !== null && !isRefused({ ...flow, to: { ...flow.to, pod: flow.to.formerly } });
  const refused = flows.filter((flow) => !isMachine(flow) && isRefused(flow) && !isStray(flow));
  expect([...new Set(refused.map(flowText))]).toEqual([]);
  const parts = ours.flatMap(rulePartsOf);
  const used = new Set(
    parts.filter(({ policy, rule }) => flows.some((flow) => allows(policy, rule, flow))).map(({ name }) => name),
  );
  const names = [...new Set(parts.map(({ name }) => name))];
  const excused = { ...UNUSED, ...SELDOM };
  expect(names.filter((name) => !used.has(name) && excused[name] === undefined)).toEqual([]);
  // What waits for nothing any more is not excused.
  expect(Object.keys(UNUSED).filter((name) => used.has(name))).toEqual([]);
  expect(Object.keys(excused).filter((name) => !names.includes(name))).toEqual([]);
}, 60_000);
