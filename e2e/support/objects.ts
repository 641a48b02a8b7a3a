// What the tests read of objects in the API.

export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
};
export type PartitionObject = {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: {
    readonly epoch?: number;
    readonly primary?: string | null;
    readonly phase?: string;
    readonly members?: readonly { readonly name: string; readonly role: string; readonly reachable: boolean }[];
    readonly lastFailover?: {
      readonly kind: string;
      readonly epoch: number;
      readonly phases: Record<string, number>;
    } | null;
    readonly conditions?: readonly Condition[];
  };
};
export type PodObject = {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    /** Was told to end. */
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly image: string }[];
  };
};
export type List<T> = { readonly items: readonly T[] };

/** `status` of one condition, null where it is not there. */
export const condition = (
  object: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): string | null => object.status?.conditions?.find((one) => one.type === type)?.status ?? null;
