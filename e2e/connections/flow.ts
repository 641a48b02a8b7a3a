import type { Protocol } from '../clusters/tracked-connection.ts';

/** A port of a container that has a name. */
export type NamedPort = { readonly name: string; readonly protocol: string; readonly port: number };

/** Of a pod, as it was when it was seen: what policies look at. */
export type PodFacts = {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly ports: readonly NamedPort[];
};

/** `pod` is null for what is none: a machine, the API server, a test. */
export type FlowEnd = { readonly address: string; readonly pod: PodFacts | null };

/** A connection that was seen, or many that differ in nothing that a policy could tell. */
export type Flow = {
  readonly protocol: Protocol;
  readonly from: FlowEnd;
  /** `formerly`: whose address it was before, and who may have been meant. */
  readonly to: FlowEnd & { readonly port: number; readonly formerly: PodFacts | null };
};

/** "e2e-mail/users-a-1 → e2e-mail/users-a-2:5432/TCP" */
export function flowText({ protocol, from, to }: Flow): string {
  return `${endText(from)} → ${endText(to)}:${to.port}/${protocol}`;
}

function endText({ address, pod }: FlowEnd): string {
  return pod === null ? address : `${pod.namespace}/${pod.name}`;
}
