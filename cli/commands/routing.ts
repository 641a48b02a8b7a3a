import { Command, Option } from 'commander';
import { Value } from 'typebox/value';
import type { ControlRouting } from '#contract/control-api.ts';
import { RoutingBelief } from '#contract/push-api.ts';
import { RoutingDocument } from '#contract/routing-document.ts';
import { type Context, withConnection } from '../context.ts';
import { OUTPUT_FORMATS, type OutputFormat, structured } from '../terminal/print-structured.ts';
import { table } from '../terminal/table.ts';

/** `imapctl routing`: what each imapd believes. */
export function routingCommand(context: Context): Command {
  return new Command('routing')
    .description('where each imapd writes and reads, by its own word')
    .addOption(new Option('-o, --output <format>', 'everything, for programs').choices(OUTPUT_FORMATS))
    .action(async ({ output }: { readonly output?: OutputFormat }) => {
      const routing = await withConnection(context, (connection) => connection.routing());
      process.stdout.write(output === undefined ? routingText(routing) : structured(routing, output));
    });
}

/** A line per imapd and partition; one that did not answer has its reason in place of a version. */
export function routingText({ pods }: ControlRouting): string {
  const rows = pods.flatMap(({ pod, belief, problem }) => {
    if (problem !== null || !Value.Check(RoutingBelief, belief)) return [[pod, problem ?? 'an unknown answer']];
    const { document, repositories } = belief;
    if (!Value.Check(RoutingDocument, document)) return [[pod, 'no routing document yet']];
    return Object.entries(document.partitions).map(([partition, target]) => {
      const view = repositories[partition];
      return [
        pod,
        String(document.version),
        partition,
        String(target.epoch),
        target.writer ?? '(none)',
        target.readers.join(', ') || '-',
        String(view?.held ?? 0),
        view?.leaseRemainingMs == null ? '-' : `${(view.leaseRemainingMs / 1_000).toFixed(1)}s`,
      ];
    });
  });
  return `${table(['imapd', 'version', 'partition', 'epoch', 'writes to', 'reads from', 'held', 'lease'], rows)}\n`;
}
