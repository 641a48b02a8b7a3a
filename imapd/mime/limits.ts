/** Bounds on what is made of a hostile message. The message itself is kept byte for byte, whatever these say. */
export interface MimeLimits {
  /** Header of the message: what lies beyond counts as text. Mail servers on the way pass at most 100 KiB or so. */
  readonly header: number;
  /** Header octets remembered over all parts, for BODYSTRUCTURE and ENVELOPE; fields beyond count as absent. */
  readonly rememberedFields: number;
  /** Parts within parts; deeper ones are leaves of type application/octet-stream. */
  readonly depth: number;
  /** Parts in all; after that, boundaries are text of the last part. */
  readonly parts: number;
  /** Octets of a line that are looked at, for fields and boundaries. */
  readonly line: number;
}

const KiB = 1024;

export const DEFAULT_MIME_LIMITS: MimeLimits = {
  header: 1024 * KiB,
  rememberedFields: 512 * KiB,
  depth: 32,
  parts: 1000,
  line: 64 * KiB,
};
