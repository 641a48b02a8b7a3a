import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

export type Package = {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** SPDX. */
  readonly license: string;
};

const PackageJson = Type.Object({
  name: Type.String(),
  version: Type.String(),
  license: Type.String({ default: 'not stated' }),
});

export async function readPackage(folder: string): Promise<Package> {
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  const { name, version, license } = Value.Parse(PackageJson, JSON.parse(text));
  return { folder, name, version, license };
}
