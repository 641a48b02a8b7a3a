import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { imageNames } from '#images/image-table.ts';
import { ArtifactHubAnnotations, ArtifactHubRepository } from './test-support/artifact-hub.ts';
import { forArtifactHub, readChartMetadata } from './test-support/chart-metadata.ts';

/**
 * Promise: what Artifact Hub would read of the chart is what its documentation allows, and is so: versions, licence, definitions, their examples,
 * images and changes are those of this repository. (An API server judges the examples: install.)
 */
const root = join(import.meta.dirname, '..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

const chart = await readChartMetadata();
const annotations = forArtifactHub(chart);
const known = Value.Parse(ArtifactHubAnnotations, annotations);
const definitions = await Promise.all(
  (await readdir(join(root, 'crds/generated')))
    .filter((file) => file.endsWith('.yaml'))
    .map(async (file) => parse(await read(`crds/generated/${file}`))),
);

test('there is no annotation, and no field of one, that Artifact Hub does not know', () => {
  expect(Value.Check(ArtifactHubAnnotations, annotations)).toBe(true);
  expect(Value.Check(ArtifactHubAnnotations, { ...annotations, licence: 'Apache-2.0' })).toBe(false);
  expect(Value.Check(ArtifactHubAnnotations, { ...annotations, changes: [{ kind: 'new', description: 'x' }] })).toBe(
    false,
  );
});

test('artifacthub-repo.yml is as documented, and names nobody who has not been asked', async () => {
  const file: unknown = parse(await read('charts/artifacthub-repo.yml'));
  expect(Value.Check(ArtifactHubRepository, file)).toBe(true);
  expect(file).toEqual({ owners: [] });
});

test('version and licence are those of the package; a version below 1 is told to be one that may change', async () => {
  const { version, license } = JSON.parse(await read('package.json'));
  expect(chart).toMatchObject({ version, appVersion: version });
  expect(known).toMatchObject({ license, operator: 'true', prerelease: String(/^0\.|-/.test(version)) });
  expect(await read('LICENSE')).toMatch(/Apache License\s+Version 2\.0/);
});

test('the definitions are those that the chart installs, and each has an example', () => {
  const told = known.crds?.map(({ kind, version, name }) => ({ kind, version, name }));
  const generated = definitions.map(({ metadata, spec }) => ({
    kind: spec.names.kind,
    version: spec.versions.find(({ storage }: { readonly storage: boolean }) => storage).name,
    name: metadata.name,
  }));
  expect(told).toEqual(generated);
  const examples = known.crdsExamples?.map(({ apiVersion, kind }) => ({ apiVersion, kind }));
  const wanted = definitions.map(({ spec }) => ({
    apiVersion: `${spec.group}/${spec.versions[0].name}`,
    kind: spec.names.kind,
  }));
  expect(examples).toEqual(wanted);
});

test('the images are those that pods get where nobody says anything; ours are not scanned, since nobody can pull them', async () => {
  const objects = parseAllDocuments(await read('charts/goldens/default.yaml')).map((document) => document.toJS());
  const { data } = objects.find((object) => object.data?.['operator.json'] !== undefined);
  const { images } = JSON.parse(data['operator.json']);
  const [operator] = objects.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers;
  const used = {
    operator: operator.image,
    imapd: images.imapd,
    member: images.member,
    postgres: images.postgres.image,
    mariadb: images.mariadb.image,
    mysql: images.mysql.image,
  };
  expect(Object.fromEntries(known.images?.map(({ name, image }) => [name, image]) ?? [])).toEqual(used);
  const spared = known.images?.filter(({ whitelisted }) => whitelisted === true).map(({ name }) => name);
  expect(spared?.toSorted()).toEqual([...imageNames].toSorted());
  for (const name of spared ?? [])
    expect(known.images?.find((image) => image.name === name)?.image).toMatch(/^localhost\//);
});

test('each change stands in the changelog, word by word, below a heading of its kind', async () => {
  const sections = (await read('CHANGELOG.md')).split(/^### /m).slice(1);
  for (const { kind, description } of known.changes ?? []) {
    const section = sections.find((text) => text.toLowerCase().startsWith(kind)) ?? '';
    expect(section).toContain(description);
  }
  expect(known.changes?.length).toBeGreaterThan(0);
});

test('nobody signs the chart, and nothing public is named', () => {
  expect(known).not.toHaveProperty('signKey');
  expect(known).not.toHaveProperty('links');
});
