import { expect, test } from 'vitest';
import { JOB_LAUNCHER } from '#operator/partition/objects/job.ts';
import type { Job } from '#operator/ports.ts';
import { IMAGE_FOLDER, images } from './image-table.ts';

test("what the operator starts as a job is in imapd's image", () => {
  const kinds: readonly Job['kind'][] = ['migrate', 'salvage'];
  expect(JOB_LAUNCHER).toBe(`/${IMAGE_FOLDER}/launch`);
  for (const kind of kinds) expect(images.imapd.programs[kind]).toBe(`imapd/jobs/${kind}.ts`);
});
