import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entrypointOf, IMAGE_USER, imageNames, images } from './image-table.ts';

test.each(imageNames)('the Containerfile of %s says what the table says', (name) => {
  const text = readFileSync(join(import.meta.dirname, name, 'Containerfile'), 'utf8');
  const { title, description } = images[name];
  const entrypoint = entrypointOf(images[name])
    .map((word) => JSON.stringify(word))
    .join(', ');
  expect(text).toContain(`LABEL org.opencontainers.image.title="${title}"\n`);
  expect(text).toContain(`LABEL org.opencontainers.image.description="${description}"\n`);
  expect(text).toContain(`USER ${IMAGE_USER}\n`);
  expect(text).toContain(`ENTRYPOINT [${entrypoint}]\n`);
});
