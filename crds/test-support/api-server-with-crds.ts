import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { type Kind, kinds } from '../kind.ts';
import { type ApiAnswer, type ApiClient, apiClient } from './api-client.ts';

/** A real API server that has our kinds, from the files that are committed. */
export type ApiServerWithCrds = AsyncDisposable & {
  /** For its kubeconfig, its audit log, and outages. */
  readonly server: ApiServer;
  readonly ask: ApiClient;
  /** What it said to each CustomResourceDefinition. */
  readonly answers: readonly ApiAnswer[];
};

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ESTABLISHED_MS = 20_000;

export async function startApiServerWithCrds(): Promise<ApiServerWithCrds> {
  const server = await startApiServer();
  try {
    const ask = await apiClient(server.kubeconfig);
    const answers = await Promise.all(kinds.map((kind) => create(ask, kind)));
    for (const kind of kinds) await served(ask, kind);
    return { server, ask, answers, [Symbol.asyncDispose]: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Where the CustomResourceDefinition of a kind is. */
export const definitionPath = ({ plural }: Kind): string => `${CRDS}/${plural}.imapcluster.io`;

async function create(ask: ApiClient, { plural }: Kind): Promise<ApiAnswer> {
  const file = join(import.meta.dirname, `../generated/imapcluster.io_${plural}.yaml`);
  const answer = await ask(CRDS, { method: 'POST', body: parse(await readFile(file, 'utf8')) });
  if (answer.status !== 201) throw new Error(`${plural}: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** Some time passes between "Established" and the first answer. */
async function served(ask: ApiClient, { plural }: Kind): Promise<void> {
  const end = Date.now() + ESTABLISHED_MS;
  while ((await ask(`/apis/imapcluster.io/v1alpha1/${plural}`)).status !== 200) {
    if (Date.now() > end) throw new Error(`${plural} are not served`);
    await pause(50);
  }
}
