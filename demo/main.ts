import { demo } from './demo.ts';
import { readOptions } from './options.ts';

/** `npm run demo`: the whole mission on real databases, narrated. See options.ts for what can be asked. */
const options = readOptions(process.argv.slice(2));
const stop = new AbortController();
// Again and again: npm hands a Ctrl-C on that its child has had from the terminal, and people press it twice.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(new Error(signal)));
// Nobody reads any more: `npm run demo | head`.
process.stdout.on('error', () => stop.abort(new Error('output closed')));
process.exitCode = await demo(options, stop.signal);
