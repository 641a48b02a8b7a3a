import type { PlatformSighting } from '../../ports.ts';
import type { MemberPod, Node } from './members-input.ts';
import { type KnownNodes, type PlatformInput, platformSighting } from './platform-sighting.ts';

/** What a sighting rests on besides the pod. `node`: null where nobody knows. */
type Rest = { readonly removed: MemberPod | null; readonly node: Node | null | undefined };

type Kept = Rest & { readonly sighting: PlatformSighting | null };

/**
 * What Kubernetes says of members, made out of its objects only where one of these is another than it was: members are looked at
 * with each of their reports, and pods and nodes change once in hours. What is kept goes with the pod.
 */
export class KeptSightings {
  readonly #kept = new WeakMap<MemberPod, Kept>();

  of(input: PlatformInput): PlatformSighting | null {
    const { removed, nodes } = input;
    const current = input.pod ?? removed;
    if (current === null) return null;
    const node = nodeOf(current, nodes);
    const kept = this.#kept.get(current);
    if (kept !== undefined && kept.removed === removed && kept.node === node) return kept.sighting;
    const sighting = platformSighting(input);
    this.#kept.set(current, { removed, node, sighting });
    return sighting;
  }
}

const nodeOf = ({ spec }: MemberPod, nodes: KnownNodes): Rest['node'] =>
  spec?.nodeName === undefined || !nodes.isSynced ? null : nodes.get(spec.nodeName);
