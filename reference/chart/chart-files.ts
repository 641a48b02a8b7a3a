import { stringify } from 'yaml';
import { crdFiles, type GeneratedFile } from '#crds/generation/generated-files.ts';
import { accessFiles } from './access-files.ts';
import { chartReadme } from './chart-readme.ts';
import { valuesFile } from './values-file.ts';
import { valuesSchemaFile } from './values-schema-file.ts';

const CHART = 'charts/imapcluster';
const CRDS = /^crds\/generated\//;

/**
 * What of the chart follows from other sources. The CustomResourceDefinitions are copied, since a packaged chart holds nothing
 * from outside of its folder.
 */
export const chartFiles = (): readonly GeneratedFile[] => [
  ...definitions(),
  ...accessFiles(),
  { path: `${CHART}/values.yaml`, text: valuesFile() },
  { path: `${CHART}/values.schema.json`, text: valuesSchemaFile() },
  { path: `${CHART}/README.md`, text: chartReadme() },
];

/** With a list of themselves: kustomize takes from another folder only a folder (deploy/kustomization.yaml). */
function definitions(): readonly GeneratedFile[] {
  const copies = crdFiles()
    .filter(({ path }) => CRDS.test(path))
    .map(({ path, text }) => ({ name: path.replace(CRDS, ''), text }));
  const kustomization = stringify({
    ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
    resources: copies.map(({ name }) => name),
  });
  return [...copies, { name: 'kustomization.yaml', text: kustomization }].map(({ name, text }) => ({
    path: `${CHART}/files/crds/${name}`,
    text,
  }));
}
