import { expect, test } from 'vitest';
import { buildFlags, requiredVersion } from './build-flags.ts';

const goMod = `module x

require k8s.io/one v0.1.0

require (
	k8s.io/kubernetes v1.37.2
	k8s.io/kubernetes-more v9.9.9 // indirect
)`;

test('a version is read from go.mod, in a block or alone', () => {
  expect(requiredVersion(goMod, 'k8s.io/kubernetes')).toBe('v1.37.2');
  expect(requiredVersion(goMod, 'k8s.io/one')).toBe('v0.1.0');
  expect(() => requiredVersion(goMod, 'k8s.io/two')).toThrow('k8s.io/two');
});

test('versions are stamped into every package that holds one', () => {
  const flags = buildFlags({ programs: {}, stamp: ['a/version', 'b/version'], stampedBy: 'k8s.io/kubernetes' }, goMod);
  const linker = flags.arguments.at(-1);
  expect(linker).toContain('-X a/version.gitVersion=v1.37.2 -X a/version.gitMajor=1 -X a/version.gitMinor=37');
  expect(linker).toContain('-X b/version.gitVersion=v1.37.2');
  expect(flags.environment.CGO_ENABLED).toBe('0');
});

test('tags and cgo only where asked for', () => {
  expect(buildFlags({ programs: {} }, goMod).arguments).not.toContain('-tags');
  const flags = buildFlags({ programs: {}, cgo: true, tags: ['seccomp'] }, goMod);
  expect(flags.arguments.join(' ')).toContain('-tags seccomp');
  expect(flags.environment.CGO_ENABLED).toBe('1');
});
