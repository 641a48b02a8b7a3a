import type { Flavour } from '#database/mysql/flavour.ts';
import { wordsOf } from '#database/mysql/replication/words.ts';
import type { Posture } from '../../engine.ts';

/**
 * What a posture asks of a server from its first moment. Whom it lets in, and whom it follows, is told to it when it is there: until
 * then it is read-only, and follows nobody.
 */
export function postureOptions(
  flavour: Flavour,
  role: 'primary' | 'replica',
  { synchronous: { required } }: Posture,
): Record<string, string> {
  // A replica that waited for replicas of its own would not get on with what it has received.
  const waits = role === 'primary' && required > 0;
  const { semiSyncSource } = wordsOf[flavour];
  return {
    [`${semiSyncSource}_enabled`]: waits ? '1' : '0',
    ...(flavour === 'mysql' && waits ? { [`${semiSyncSource}_wait_for_replica_count`]: String(required) } : {}),
  };
}
