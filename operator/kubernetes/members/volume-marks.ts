import { GROUP } from '#crds/group.ts';
import type { MemberVolume } from './members-input.ts';
import type { RetiredBecause } from './plan/members-plan.ts';

/** A label, so that people find what was kept: `kubectl get pvc -l imapcluster.io/retired`. */
export const RETIRED_LABEL = `${GROUP}/retired`;
export const JOINED_ANNOTATION = `${GROUP}/joined`;
export const IMAGE_ANNOTATION = `${GROUP}/database-image`;
export const MAJOR_VERSION_ANNOTATION = `${GROUP}/major-version`;

const REASONS: readonly RetiredBecause[] = ['ScaledDown', 'Lost', 'Unsalvaged'];

/**
 * What is remembered of a member for as long as there is its volume. `joined`: it has had all of the partition's data once,
 * so that a majority of the members includes it whether it is there or not. `retired`: it is a member no more. `database`:
 * what last ran on it, and so what its data is of; null before anything has.
 */
export type VolumeMarks = {
  readonly joined: boolean;
  readonly retired: RetiredBecause | null;
  readonly database: DatabaseMark | null;
};

export type DatabaseMark = { readonly image: string; readonly majorVersion: number };

export const unmarked: VolumeMarks = { joined: false, retired: null, database: null };

export function marksOf({ metadata }: MemberVolume): VolumeMarks {
  const { labels = {}, annotations = {} } = metadata;
  const label = labels[RETIRED_LABEL];
  // A person's own word for it says no less that it is no member's.
  const retired = label === undefined ? null : (REASONS.find((reason) => reason === label) ?? 'Unsalvaged');
  return { joined: annotations[JOINED_ANNOTATION] === 'true', retired, database: databaseIn(annotations) };
}

function databaseIn(annotations: Readonly<Record<string, string>>): DatabaseMark | null {
  const image = annotations[IMAGE_ANNOTATION] ?? '';
  const majorVersion = Number(annotations[MAJOR_VERSION_ANNOTATION]);
  return image !== '' && Number.isInteger(majorVersion) && majorVersion > 0 ? { image, majorVersion } : null;
}

/** `marks` as annotations; none where there is nothing to say. */
export function annotationsOf({ joined, database }: VolumeMarks): Readonly<Record<string, string>> {
  return {
    ...(joined ? { [JOINED_ANNOTATION]: 'true' } : {}),
    ...(database === null
      ? {}
      : { [IMAGE_ANNOTATION]: database.image, [MAJOR_VERSION_ANNOTATION]: String(database.majorVersion) }),
  };
}
