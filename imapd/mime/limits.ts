import { type Static, Type } from 'typebox';
import { schemaDefaults } from '#runtime/schema-defaults.ts';

const KiB = 1024;

const bound = (fallback: number, description: string, maximum?: number) =>
  Type.Integer({ minimum: 1, ...(maximum === undefined ? {} : { maximum }), default: fallback, description });

/**
 * Bounds on what is made of a hostile message: the configuration's `mime`. What is made is stored with the message, so other
 * values count for those that come from then on.
 */
export const MimeLimits = Type.Object(
  {
    header: bound(
      1024 * KiB,
      'Header of the message: what lies beyond counts as text. Mail servers on the way pass at most 100 KiB or so.',
    ),
    rememberedFields: bound(
      512 * KiB,
      'Header octets remembered over all parts, for BODYSTRUCTURE and ENVELOPE; fields beyond count as absent.',
    ),
    depth: bound(32, 'Parts within parts; deeper ones are leaves of type application/octet-stream.', 100),
    parts: bound(1000, 'Parts in all; after that, boundaries are text of the last part.'),
    line: bound(64 * KiB, 'Octets of a line that are looked at, for fields and boundaries.'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Bounds on what is made of a message. The message itself is kept byte for byte, whatever these say.',
  },
);
export type MimeLimits = Readonly<Static<typeof MimeLimits>>;

export const DEFAULT_MIME_LIMITS: MimeLimits = schemaDefaults(MimeLimits);
