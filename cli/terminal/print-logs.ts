import { linesOf } from '#runtime/lines-of.ts';
import { EXIT } from '../cli-error.ts';
import type { LogStream } from '../connection/cluster-connection.ts';
import { logText } from './log-text.ts';

export type PrintOptions = { readonly pretty: boolean; readonly signal: AbortSignal };

/** Prints logs as their lines come; where there are several, each line says whose it is. */
export async function printLogs(streams: readonly LogStream[], { pretty, signal }: PrintOptions): Promise<void> {
  process.stdout.on('error', enough);
  const several = streams.length > 1;
  const print = async ({ source, lines }: LogStream): Promise<void> => {
    try {
      for await (const line of linesOf(lines)) {
        const text = pretty ? logText(line) : line;
        process.stdout.write(several ? `[${source}] ${text}\n` : `${text}\n`);
      }
    } catch (error) {
      // Whoever follows ends it so.
      if (!signal.aborted) throw error;
    }
  };
  await Promise.all(streams.map(print));
}

/** `logs … | head`: whoever reads has had enough, and is not to be bothered with a stack. */
function enough(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
}
