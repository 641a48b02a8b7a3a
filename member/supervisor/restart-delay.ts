export type RestartPolicy = {
  readonly primaryAfterMs: number;
  readonly replicaAfterMs: number;
  readonly maximumMs: number;
};

/**
 * How long a server that ended by itself is left alone. A replica comes back at once, then doubling. A primary waits:
 * its recovery ends with a checkpoint in its own log, after which it has diverged from any replica promoted meanwhile
 * and must be rewound or cloned; the operator usually has a better idea (follow, grant, salvage) long before.
 */
export function restartDelay(policy: RestartPolicy, role: 'primary' | 'replica', failures: number): number {
  const first = role === 'primary' ? policy.primaryAfterMs : policy.replicaAfterMs;
  const doubled = first * 2 ** Math.min(failures, 16);
  return Math.max(first, Math.min(doubled, policy.maximumMs));
}
