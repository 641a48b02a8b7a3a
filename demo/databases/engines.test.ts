import { expect, test } from 'vitest';
import { loadManifests } from '#standalone/manifests/load-manifests.ts';
import { ASYNC, QUORUM } from '../cast.ts';
import { type DemoEngine, demoEngines, demoManifest } from './engines.ts';

const expected: Readonly<Record<DemoEngine, readonly [string, string]>> = {
  postgresql: ['postgresql', 'postgresql'],
  mariadb: ['mariadb', 'mariadb'],
  mysql: ['mysql', 'mysql'],
  mixed: ['postgresql', 'mariadb'],
};

test.each(demoEngines)('with %s the manifests are as ever, but for the engine', async (engine) => {
  const loaded = loadManifests([await demoManifest(engine)]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
  const usual = loadManifests([await demoManifest('postgresql')]);
  const { cluster, partitions } = loaded.manifests;
  const repositories = Object.fromEntries(partitions.map(({ metadata, spec }) => [metadata.name, spec.repository]));
  expect([repositories[QUORUM]?.engine, repositories[ASYNC]?.engine]).toEqual(expected[engine]);
  expect([repositories[QUORUM]?.managed?.instances, repositories[ASYNC]?.managed?.instances]).toEqual([3, 2]);
  expect(usual).toMatchObject({ ok: true, manifests: { cluster } });
});
