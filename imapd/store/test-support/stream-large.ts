import { parseArgs } from 'node:util';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { connectStore } from './start-store-server.ts';
import { appendStream, attempt } from './store-fixture.ts';

/**
 * A process of its own that appends and reads large messages at once and prints by how many octets it grew: next to a test
 * runner nobody could tell whose memory it is.
 */
const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    at: { type: 'string' },
    database: { type: 'string' },
    clients: { type: 'string' },
    size: { type: 'string' },
  },
});
const { engine = '', at = '', database = '' } = values;
const size = Number(values.size);
const line = Buffer.from('lorem ipsum dolor sit amet, consectetur adipiscing elit\r\n'.repeat(1149));

async function* message(): AsyncGenerator<Buffer> {
  yield Buffer.from('Subject: large\r\n\r\n');
  for (let at = 0; at < size; at += line.length) yield Buffer.from(line);
}

const fixture = await connectStore(engine as EngineUnderTest, at, database);
const roundTrip = async (): Promise<void> => {
  const uid = await appendStream(fixture.store, message());
  let octets = 0;
  const read = fixture.store.readRaw({ mailbox: fixture.inbox, uid, offset: 0, length: 2 * size }, attempt);
  for await (const piece of read) octets += piece.length;
  if (octets < size) throw new Error(`${octets} octets came back of ${size}`);
};
// What a process that serves has anyway: compiled code, connections, the collector's slack.
await roundTrip();
globalThis.gc?.();
const before = process.memoryUsage().rss;
let peak = before;
const timer = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 5);
await Promise.all(Array.from({ length: Number(values.clients) }, roundTrip));
clearInterval(timer);
await fixture.close();
process.stdout.write(`${peak - before}\n`);
