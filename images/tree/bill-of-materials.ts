import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const Component = Type.Object({ 'bom-ref': Type.String(), name: Type.String(), version: Type.String() });
const Dependency = Type.Object({ ref: Type.String(), dependsOn: Type.Optional(Type.Array(Type.String())) });

/** What `npm sbom --sbom-format cyclonedx` prints of all packages of the lockfile, as far as it matters here. */
const NpmBill = Type.Object({
  bomFormat: Type.Literal('CycloneDX'),
  specVersion: Type.String(),
  metadata: Type.Object({ component: Component }),
  components: Type.Array(Component),
  dependencies: Type.Array(Dependency),
});

/** A shared library or program of the building machine. */
export type BilledFile = { readonly path: string; readonly sha256: string };

export type BillInputs = {
  readonly npm: unknown;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly files: readonly BilledFile[];
};

/**
 * The CycloneDX bill of one image: of npm's, the packages that are in the image, and the libraries beside them. Without npm's
 * serial number and time, so that the same image has the same bill.
 * @throws Error where a package of the image is not in the lockfile
 */
export function billOfMaterials({ npm, packages, files }: BillInputs): object {
  if (!Value.Check(NpmBill, npm)) throw new Error('npm prints a bill of materials that is not CycloneDX as we know it');
  const wanted = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const components = npm.components.filter((component) => wanted.has(component['bom-ref']));
  const missing = [...wanted].filter((ref) => !components.some((component) => component['bom-ref'] === ref));
  if (missing.length > 0) throw new Error(`not in package-lock.json: ${missing.join(', ')}; run npm ci`);
  const { component } = npm.metadata;
  const ref = component['bom-ref'];
  const root = { ref, dependsOn: [...wanted] };
  // npm takes the name of the folder that it runs in, which differs from one checkout to the next.
  const name = ref.slice(0, ref.lastIndexOf('@'));
  return {
    bomFormat: npm.bomFormat,
    specVersion: npm.specVersion,
    version: 1,
    metadata: { component: { ...component, name, type: 'application' } },
    components: [...components, ...files.map(fileComponent)],
    dependencies: [root, ...npm.dependencies.flatMap((each) => (wanted.has(each.ref) ? [within(each, wanted)] : []))],
  };
}

const fileComponent = ({ path, sha256 }: BilledFile): object => ({
  'bom-ref': `file:${path}`,
  type: 'file',
  name: path,
  hashes: [{ alg: 'SHA-256', content: sha256 }],
});

const within = ({ ref, dependsOn = [] }: Static<typeof Dependency>, wanted: ReadonlySet<string>): object => ({
  ref,
  dependsOn: dependsOn.filter((each) => wanted.has(each)),
});
