import { Command, Option } from 'commander';
import { pause } from '#runtime/deadline.ts';
import { CliError } from '../cli-error.ts';
import type { ClusterConnection } from '../connection/cluster-connection.ts';
import { type Context, withConnection } from '../context.ts';
import type { Sight } from '../status/imapd-branch.ts';
import { statusText } from '../status/status-text.ts';
import { OUTPUT_FORMATS, type OutputFormat, structured } from '../terminal/print-structured.ts';

type Options = { readonly output?: OutputFormat; readonly watch?: boolean };

const EVERY_MS = 1_000;
/** Home, and below it nothing: without a flicker, unlike a whole screen that is cleared first. */
const HOME = '\u001b[H';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_LINE = '\u001b[K';

/** `imapctl status`: how the cluster stands. */
export function statusCommand(context: Context): Command {
  return new Command('status')
    .description('the cluster as a tree: imapd, partitions, members, and what is amiss')
    .addOption(new Option('-o, --output <format>', 'everything, for programs').choices(OUTPUT_FORMATS))
    .option('-w, --watch', 'again each second, until it is interrupted')
    .action(async ({ output, watch = false }: Options) => {
      await withConnection(context, async (connection) => {
        if (watch) await watchStatus(connection, output);
        else process.stdout.write(shown(await sightOf(connection), output));
      });
    });
}

function shown({ status, routing }: Sight, output: OutputFormat | undefined): string {
  if (output === undefined) return statusText({ status, routing }, Date.now());
  return structured({ ...status, routing: routing?.pods ?? null }, output);
}

/** What the imapd believe is left out where nobody can be asked: the status says why. */
async function sightOf(connection: ClusterConnection): Promise<Sight> {
  const routing = connection.routing().catch((error: unknown) => {
    if (error instanceof CliError) return null;
    throw error;
  });
  const status = await connection.status();
  return { status, routing: await routing };
}

async function watchStatus(connection: ClusterConnection, output: OutputFormat | undefined): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const isScreen = process.stdout.isTTY === true && output === undefined;
  while (!stop.signal.aborted) {
    const text = await sightOf(connection).then(
      (sight) => shown(sight, output),
      (error: unknown) => {
        // It goes on: whoever watches wants to see it come back.
        if (error instanceof CliError) return `${error.message}\n`;
        throw error;
      },
    );
    process.stdout.write(isScreen ? HOME + text.replaceAll('\n', `${CLEAR_LINE}\n`) + CLEAR_BELOW : text);
    await pause(EVERY_MS, stop.signal);
  }
}
