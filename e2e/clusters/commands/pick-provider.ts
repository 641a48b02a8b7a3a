import { chooseProvider } from '../choose-provider.ts';
import type { ProviderName } from '../cluster.ts';
import { lookAround } from '../surroundings.ts';
import type { ClusterOptions } from './options.ts';

export type Picked = { readonly provider: ProviderName; readonly kubeconfig: string | null };

/**
 * The provider to use, said with its reason.
 * @throws Error that says what can be done where there is none
 */
export async function pickProvider(options: ClusterOptions, say: (text: string) => void): Promise<Picked> {
  const around = await lookAround(options.kubeconfig);
  const chosen = chooseProvider(options.provider, around);
  if (!chosen.ok) throw new Error(`no cluster can be had here: ${chosen.why}`);
  say(`provider ${chosen.provider}: ${chosen.reason}`);
  return { provider: chosen.provider, kubeconfig: around.kubeconfig };
}
