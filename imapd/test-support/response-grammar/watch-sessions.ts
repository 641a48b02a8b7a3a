import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { SentOctets } from '../../session/connection.ts';
import { ResponseStream } from './response-stream.ts';

/** From now on, whatever an imapd of this process sends to any client is held against the grammar. Gives what ends that. */
export function watchSessions(onViolation: (message: string) => void): () => void {
  const streams = new WeakMap<SentOctets['connection'], ResponseStream>();
  const look = (message: unknown): void => {
    const { connection, octets } = message as SentOctets;
    let stream = streams.get(connection);
    if (stream === undefined) {
      stream = new ResponseStream({ onViolation: ({ message: what }) => onViolation(what) });
      streams.set(connection, stream);
    }
    stream.push(typeof octets === 'string' ? Buffer.from(octets) : octets);
  };
  subscribe('imapcluster.imapd.sent', look);
  return () => void unsubscribe('imapcluster.imapd.sent', look);
}
