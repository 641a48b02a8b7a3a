import type { SessionPair } from '../sessions/session-pair.ts';
import { stopReceiver } from './receiver.ts';
import { setAcknowledging } from './semi-sync.ts';
import { wordsOf } from './words.ts';

/**
 * Has a replica that follows somebody acknowledge what it receives. A receiver heeds that as it starts, so it is started anew, and goes
 * on from where it was: what has come stays, for the applier goes on, however far behind it is. Nothing waits for that.
 */
export async function acknowledgeAgain(sessions: SessionPair, signal: AbortSignal): Promise<void> {
  const { waiter } = sessions;
  await stopReceiver(sessions, signal);
  const start = { name: 'start-receiver', text: `START ${wordsOf[waiter.flavour].replica} IO_THREAD` };
  await waiter.batch([setAcknowledging(waiter.flavour, true), start]);
}
