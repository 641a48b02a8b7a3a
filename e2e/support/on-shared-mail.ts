import type { Cluster } from '../clusters/cluster.ts';
import { connectCluster } from '../clusters/connect-cluster.ts';
import { installOperator } from './installation.ts';
import { MailCluster } from './mail-cluster.ts';

/** Time for it, ms: the first test file of a run installs everything. */
export const SHARED_MAIL_MS = 600_000;

/** Where most tests begin: the cluster, the operator on it, and the mail cluster that they share, healthy. */
export async function onSharedMail(): Promise<{ readonly cluster: Cluster; readonly mail: MailCluster }> {
  const cluster = await connectCluster();
  await installOperator(cluster);
  return { cluster, mail: await MailCluster.shared() };
}
