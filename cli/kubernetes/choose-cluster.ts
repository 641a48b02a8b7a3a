import { CliError, EXIT } from '../cli-error.ts';

type Named = { readonly metadata: { readonly name: string } };

/**
 * The cluster that a person means: the one they name, or the only one of the namespace.
 * @throws CliError that says which there are
 */
export function chooseCluster<C extends Named>(
  clusters: readonly C[],
  { namespace, name }: { readonly namespace: string; readonly name: string | null },
): C {
  const names = clusters.map(({ metadata }) => metadata.name).join(', ');
  const [first, second] = clusters;
  if (first === undefined) {
    throw new CliError(`there is no ImapCluster in the namespace ${namespace}: name another one by --namespace`);
  }
  if (name !== null) {
    const named = clusters.find(({ metadata }) => metadata.name === name);
    if (named !== undefined) return named;
    throw new CliError(`there is no ImapCluster ${name} in the namespace ${namespace}; there are: ${names}`);
  }
  if (second === undefined) return first;
  throw new CliError(`there are several in the namespace ${namespace}, name one by --cluster: ${names}`, EXIT.usage);
}
