import { expect, test } from 'vitest';
import { imageConfiguration, imageManifest } from './image-configuration.ts';

test('what a container starts with', () => {
  const image = { entrypoint: ['/pause'], environment: { A: 'b' }, user: '65532' };
  const configuration = JSON.parse(imageConfiguration(image, 'sha256:00', 'x64'));
  expect(configuration).toMatchObject({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/pause'], WorkingDir: '/', User: '65532' },
    rootfs: { type: 'layers', diff_ids: ['sha256:00'] },
  });
  expect(configuration.config.Env).toEqual([expect.stringMatching(/^PATH=/), 'A=b']);
});

test('nothing is said of what was not asked for', () => {
  const { config } = JSON.parse(imageConfiguration({ entrypoint: ['/a'] }, 'sha256:00', 'arm64'));
  expect(Object.keys(config).toSorted()).toEqual(['Entrypoint', 'Env', 'WorkingDir']);
});

test('the manifest of docker save', () => {
  expect(JSON.parse(imageManifest('localhost/pause:1', 'c.json', 'layer.tar'))).toEqual([
    { Config: 'c.json', RepoTags: ['localhost/pause:1'], Layers: ['layer.tar'] },
  ]);
});
