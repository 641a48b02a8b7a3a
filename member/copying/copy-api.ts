import { type Static, Type } from 'typebox';

/**
 * A copy of a server's files, which its agent makes for the agent of another member of the repository. Servers that are copied over
 * their own protocol (PostgreSQL, MySQL) are not copied so.
 *
 *   GET  /v1/copy               → 200 CopyChallenge
 *   POST /v1/copy  CopyRequest  → 200 frames (`frames.ts`)
 *
 *   400 BadRequest · 401 Unauthorized (token, or proof) · 409 CopyUnderWay: another member is copied, ask again
 *   422 CloneUnavailable (this server cannot be copied so), which the challenge says too · 503 NotRunning (there is no server to copy just now)
 *
 * Both want the bearer token of the reports. More than reports are secret: whoever asks proves that it has the password of the role
 * that replicates, with which it could read everything anyway, and everything that is answered is proved by it (`copy-key.ts`).
 */
export const COPY_PATH = '/v1/copy';

const Text = Type.String({ minLength: 1, maxLength: 64 });

export const CopyRequest = Type.Object(
  {
    /** Who asks. */
    recipient: Text,
    /** The donor's. */
    nonce: Text,
    recipientNonce: Text,
    proof: Text,
  },
  { additionalProperties: false },
);
export type CopyRequest = Static<typeof CopyRequest>;

export const CopyRefusal = Type.Object({ code: Type.String(), message: Type.String() });
export type CopyRefusal = Static<typeof CopyRefusal>;

/** The first frame: what is copied. */
export const CopyBegin = Type.Object({
  /** Of the server's program: files of another series are not to be trusted. */
  serverVersion: Type.String(),
  /** About how much will come; null where that is not known. */
  octets: Type.Union([Type.Integer(), Type.Null()]),
  /** Whether commits are held for the moment in which the copy ends, so that what it tells of the log is exact. */
  locked: Type.Boolean(),
});
export type CopyBegin = Static<typeof CopyBegin>;

/** `nonce`: of one request, within the minute. `begin`: what would be copied just now; whoever is refused it gets no copy either. */
export const CopyChallenge = Type.Object({ nonce: Type.String({ maxLength: 64 }), begin: CopyBegin });
export type CopyChallenge = Static<typeof CopyChallenge>;
