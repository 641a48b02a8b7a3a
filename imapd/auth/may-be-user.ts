import { LONGEST_USER_NAME } from '#contract/users-api.ts';

/** UTF-8 has at most four octets for a character (RFC 3629, 3). */
const MOST_OCTETS = 4 * LONGEST_USER_NAME;

/**
 * Whether a user can have this name, as a client wrote it: for a longer one nothing is looked up or normalised. It costs its
 * client what any wrong name does, in time and in failures.
 */
export const mayBeUser = (given: string): boolean => Buffer.byteLength(given) <= MOST_OCTETS;
