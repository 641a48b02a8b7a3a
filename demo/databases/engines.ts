import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Engine } from '#database/engine.ts';
import type { ManifestSource } from '#standalone/manifests/manifest-source.ts';
import { ASYNC, QUORUM } from '../cast.ts';

/** What the demo's databases can be: one engine for both partitions, or one for each. */
export const demoEngines = ['postgresql', 'mariadb', 'mysql', 'mixed'] as const;
export type DemoEngine = (typeof demoEngines)[number];

/** By partition. */
export const enginesOf = (engine: DemoEngine): Readonly<Record<string, Engine>> =>
  engine === 'mixed' ? { [QUORUM]: 'postgresql', [ASYNC]: 'mariadb' } : { [QUORUM]: engine, [ASYNC]: engine };

/** Without these a server does not count what it reads (content-statistics.ts). MySQL is told to count little else: it takes memory. */
const PARAMETERS: Readonly<Record<Engine, Readonly<Record<string, string>>>> = {
  postgresql: {},
  mariadb: { userstat: '1' },
  mysql: { performance_schema: 'ON', performance_schema_digests_size: '0', performance_schema_error_size: '0' },
};

/** The manifests of the demo (mail.yaml), with that engine. */
export async function demoManifest(engine: DemoEngine): Promise<ManifestSource> {
  const file = join(import.meta.dirname, '../mail.yaml');
  const text = await readFile(file, 'utf8');
  return { file, text: engine === 'postgresql' ? text : withEngines(text, enginesOf(engine)) };
}

/** Pure. */
export function withEngines(text: string, engines: Readonly<Record<string, Engine>>): string {
  const documents = parseAllDocuments(text).map((document) => {
    const engine = engines[String(document.getIn(['metadata', 'name']))];
    if (document.get('kind') !== 'MailboxPartition' || engine === undefined) return document.toString();
    document.setIn(['spec', 'repository', 'engine'], engine);
    if (Object.keys(PARAMETERS[engine]).length > 0)
      document.setIn(['spec', 'repository', 'managed', 'parameters'], PARAMETERS[engine]);
    return document.toString();
  });
  return documents.join('');
}
