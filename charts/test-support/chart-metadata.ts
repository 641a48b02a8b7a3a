import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parsedNames } from './artifact-hub.ts';

/** Chart.yaml, as far as it is of use here. */
export type ChartMetadata = {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly kubeVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
};

const PREFIX = 'artifacthub.io/';

export async function readChartMetadata(): Promise<ChartMetadata> {
  return parse(await readFile(join(import.meta.dirname, '../imapcluster/Chart.yaml'), 'utf8')) as ChartMetadata;
}

/** What is meant for Artifact Hub, with parsed YAML. Not checked yet: `ArtifactHubAnnotations` says what it should be. */
export const forArtifactHub = ({ annotations }: ChartMetadata): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(annotations)
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, text]) => [name.slice(PREFIX.length), text] as const)
      .map(([name, text]) => [name, parsedNames.includes(name) ? parse(text) : text]),
  );
