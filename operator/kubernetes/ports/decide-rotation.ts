/**
 * Replacing the key that signs, without a moment in which a pod is shown a signature that it does not know:
 *
 *   idle ──asked for──▶ announced: all pods are given the new public key ──grace──▶ signing: with the new key; the old one
 *    ▲                                                                              is still known ──grace──┐
 *    └──────────────────────────────────── the old one is forgotten ◀───────────────────────────────────────┘
 *
 * The grace is what the kubelet may take to bring a changed Secret to a pod.
 */
export type Rotation = {
  /** The request that was last obeyed, or is being obeyed. */
  readonly request: string | null;
  readonly stage: 'idle' | 'announced' | 'signing';
  /** When that stage began: milliseconds since 1970. */
  readonly since: number;
};

export type RotationStep =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'announce'; readonly request: string }
  | { readonly kind: 'sign' }
  | { readonly kind: 'retire' }
  /** The clock was put back: the grace counts from now. */
  | { readonly kind: 'restart' };

export type RotationInput = { readonly request: string | null; readonly now: number; readonly graceMs: number };

export function decideRotation(rotation: Rotation, { request, now, graceMs }: RotationInput): RotationStep {
  const { stage, since } = rotation;
  if (stage === 'idle') {
    const isNew = request !== null && request !== rotation.request;
    return isNew ? { kind: 'announce', request } : { kind: 'nothing' };
  }
  if (now < since) return { kind: 'restart' };
  const ms = since + graceMs - now;
  if (ms > 0) return { kind: 'wait', ms };
  return { kind: stage === 'announced' ? 'sign' : 'retire' };
}
