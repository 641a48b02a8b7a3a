import { Value } from 'typebox/value';
import type { ControlRouting, ControlStatus, PodNow } from '#contract/control-api.ts';
import { RoutingBelief } from '#contract/push-api.ts';
import { RoutingDocument } from '#contract/routing-document.ts';
import { coloured } from '../terminal/table.ts';
import type { Branch } from '../terminal/tree.ts';

export type Sight = { readonly status: ControlStatus; readonly routing: ControlRouting | null };

type Process = { readonly name: string; readonly state: string; readonly notes: readonly string[] };

/** The imapd of a cluster: whether each is ready, how many sessions it has, what it believes. */
export function imapdBranch({ status, routing }: Sight): Branch {
  const processes = status.pods === undefined ? ofStandalone(status) : status.pods.filter(isImapd).map(ofPod);
  const below = processes.map(({ name, state, notes }) => {
    const answer = routing?.pods.find(({ pod }) => pod === name);
    return { cells: [name, coloured(state), ...believed(answer), ...notes] };
  });
  return { cells: ['imapd'], below: below.length === 0 ? [{ cells: [coloured('none')] }] : below };
}

const isImapd = ({ component }: PodNow): boolean => component === 'imapd';

const ofStandalone = ({ processes }: ControlStatus): readonly Process[] =>
  processes.filter(({ kind }) => kind === 'imapd').map(({ name, state }) => ({ name, state, notes: [] }));

const ofPod = ({ name, ready, node, restarts, problem }: PodNow): Process => ({
  name,
  state: ready ? 'ready' : 'not ready',
  notes: [node ?? '-', [restartsOf(restarts), problem ?? ''].filter((note) => note !== '').join(', ')],
});

export const restartsOf = (restarts: number): string =>
  restarts === 0 ? '' : `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`;

/** Sessions and routing version, by its own word. */
function believed(answer: ControlRouting['pods'][number] | undefined): readonly string[] {
  if (answer === undefined) return ['-', '-'];
  const { belief, problem } = answer;
  if (problem !== null || !Value.Check(RoutingBelief, belief)) return ['-', problem ?? 'an unknown answer'];
  const { document, sessions } = belief;
  const version = Value.Check(RoutingDocument, document) ? `routing ${document.version}` : 'no routing yet';
  return [sessions === undefined ? '-' : `${sessions} ${sessions === 1 ? 'session' : 'sessions'}`, version];
}
