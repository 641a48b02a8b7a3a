import { expect, test } from 'vitest';
import { billOfMaterials } from './bill-of-materials.ts';

const component = (name: string) => ({
  'bom-ref': `${name}@1.0.0`,
  name,
  version: '1.0.0',
  purl: `pkg:npm/${name}@1.0.0`,
});
const npm = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: 'urn:uuid:1',
  // As npm has it in a checkout that is called so.
  metadata: { timestamp: 'now', component: { ...component('imapcluster'), name: 'my-folder' } },
  components: ['pg', 'pino', 'vitest'].map(component),
  dependencies: [
    { ref: 'pg@1.0.0', dependsOn: ['pino@1.0.0', 'vitest@1.0.0'] },
    { ref: 'vitest@1.0.0', dependsOn: [] },
  ],
};

test('the packages of the image and no others, nothing that differs from one run to the next', () => {
  const packages = ['pg', 'pino'].map((name) => ({ name, version: '1.0.0' }));
  const bill = billOfMaterials({ npm, packages, files: [{ path: 'lib/libatomic.so.1', sha256: 'ab' }] });
  expect(bill).toEqual({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { ...component('imapcluster'), type: 'application' } },
    components: [
      component('pg'),
      component('pino'),
      {
        'bom-ref': 'file:lib/libatomic.so.1',
        type: 'file',
        name: 'lib/libatomic.so.1',
        hashes: [{ alg: 'SHA-256', content: 'ab' }],
      },
    ],
    dependencies: [
      { ref: 'imapcluster@1.0.0', dependsOn: ['pg@1.0.0', 'pino@1.0.0'] },
      { ref: 'pg@1.0.0', dependsOn: ['pino@1.0.0'] },
    ],
  });
});

test('a package that the lockfile does not know is not left out in silence', () => {
  const packages = [{ name: 'pg', version: '2.0.0' }];
  expect(() => billOfMaterials({ npm, packages, files: [] })).toThrow('pg@2.0.0');
});
