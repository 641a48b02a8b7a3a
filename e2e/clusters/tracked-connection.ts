export type Protocol = 'TCP' | 'UDP';

/** A connection that the kernel of a node, or of the control plane, has let through and that was answered. */
export type TrackedConnection = {
  readonly protocol: Protocol;
  /** Who connected: an address as it left its pod or machine. */
  readonly from: string;
  readonly fromPort: number;
  /** Whom it was meant for: a Service, or who answered. */
  readonly toward: string;
  /** Who answered: behind a Service the pod that was chosen, and the port there. */
  readonly to: string;
  readonly toPort: number;
};
