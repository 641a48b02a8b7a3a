import { LOOPBACK, type Plan } from './plan.ts';

/** A group of targets as Prometheus' `file_sd_configs` reads it. */
export type ScrapeTarget = { readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>> };

/** Name of the file in the state folder. */
export const SCRAPE_TARGETS_FILE = 'prometheus-targets.json';

/**
 * Where every process shows its metrics. The labels are none that the metrics have themselves (`partition`, `member`,
 * `kind`), which Prometheus would have to rename.
 */
export function scrapeTargets({
  cluster,
  partitions,
  pods,
  operatorPort,
  supervisorPort,
}: Plan): readonly ScrapeTarget[] {
  const target = (program: string, name: string, port: number): ScrapeTarget => ({
    targets: [`${LOOPBACK}:${port}`],
    labels: { cluster: cluster.metadata.name, program, instance: name },
  });
  return [
    target('supervisor', 'supervisor', supervisorPort),
    target('operator', 'operator', operatorPort),
    ...partitions.flatMap(({ members }) => members.map(({ name, agentPort }) => target('member', name, agentPort))),
    ...pods.map(({ name, adminPort }) => target('imapd', name, adminPort)),
  ];
}
