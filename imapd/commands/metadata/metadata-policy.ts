/** What the cluster says of annotations (`metadata` of the configuration). */
export type MetadataPolicy = {
  /** Octets of one value. */
  readonly maxSize: number;
  /** Entries of one mailbox: shared ones, and private ones of each user. */
  readonly maxEntries: number;
  /** /shared/comment of the server; null: there is none. */
  readonly comment: string | null;
  /** /shared/admin of the server, a URI. */
  readonly admin: string | null;
};

export const DEFAULT_METADATA_POLICY: MetadataPolicy = {
  maxSize: 16_384,
  maxEntries: 100,
  comment: null,
  admin: null,
};
