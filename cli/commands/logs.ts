import { Command, InvalidArgumentError, Option } from 'commander';
import { DURATION_PATTERN, parseDuration } from '#crds/duration.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { LogRequest, LogSelection } from '../connection/cluster-connection.ts';
import { type Context, withConnection } from '../context.ts';
import { printLogs } from '../terminal/print-logs.ts';

type Options = {
  readonly partition?: string;
  readonly member?: string;
  readonly operator?: boolean;
  readonly follow?: boolean;
  readonly since?: number;
  readonly tail?: number;
  readonly previous?: boolean;
  readonly raw?: boolean;
};

/** `imapctl logs`: what the programs of the cluster say. */
export function logsCommand(context: Context): Command {
  return new Command('logs')
    .description('logs of imapd, or of the database servers and their agents, or of the operator')
    .option('--partition <name>', 'of the members of a partition')
    .option('--member <name>', 'of one member')
    .option('--operator', 'of the operator')
    .option('-f, --follow', 'go on with what comes, until it is interrupted')
    .addOption(new Option('--since <duration>', 'only what is newer, such as 10m').argParser(seconds))
    .addOption(new Option('--tail <lines>', 'only as many lines from the end, of each').argParser(count))
    .option('-p, --previous', 'of before the last restart')
    .option('--raw', 'as it is logged, JSON; so it is also where the output is no terminal')
    .action(async (options: Options) => {
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());
      await withConnection(context, async (connection) => {
        const streams = await connection.logs(requestOf(options), stop.signal);
        await printLogs(streams, {
          pretty: process.stdout.isTTY === true && options.raw !== true,
          signal: stop.signal,
        });
      });
    });
}

function requestOf(options: Options): LogRequest {
  const { follow = false, previous = false, since, tail } = options;
  if (follow && previous) throw new CliError('--follow and --previous exclude each other', EXIT.usage);
  return { selection: selectionOf(options), follow, previous, sinceSeconds: since ?? null, tail: tail ?? null };
}

function selectionOf({ partition, member, operator }: Options): LogSelection {
  const given = [partition, member, operator].filter((value) => value !== undefined).length;
  if (given > 1) throw new CliError('give at most one of --partition, --member and --operator', EXIT.usage);
  if (partition !== undefined) return { kind: 'partition', name: partition };
  if (member !== undefined) return { kind: 'member', name: member };
  return { kind: operator === true ? 'operator' : 'imapd' };
}

const MILLISECONDS = 1_000;

function seconds(text: string): number {
  if (!new RegExp(DURATION_PATTERN).test(text)) throw new InvalidArgumentError('A duration such as 30s, 10m or 2h.');
  return Math.max(1, Math.ceil(parseDuration(text) / MILLISECONDS));
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('A whole number.');
  return value;
}
