import type { MemberName } from '#contract/names.ts';
import type { MemberInput } from '../../partition/objects/member-input.ts';
import { memberVolume } from '../../partition/objects/member-volume.ts';
import type { MemberVolume } from './members-input.ts';
import { annotationsOf, RETIRED_LABEL, type VolumeMarks } from './volume-marks.ts';

export type DesiredVolume = {
  readonly member: MemberName;
  readonly marks: VolumeMarks;
  /** What is there; null: nothing. */
  readonly live: MemberVolume | null;
  /** The spec's where left out. */
  readonly size?: string;
};

/** A volume as it is to be applied: whole, for what is left away would be taken away. What cannot be changed stays. */
export function desiredVolume(build: MemberInput, { member, marks, live, size }: DesiredVolume): MemberVolume {
  const built = memberVolume(build, member);
  const annotations = annotationsOf(marks);
  const storage = size ?? built.spec?.resources?.requests?.storage ?? '';
  return {
    ...built,
    metadata: {
      ...built.metadata,
      ...(live?.metadata.uid === undefined ? {} : { uid: live.metadata.uid }),
      labels: {
        ...built.metadata.labels,
        ...(marks.retired === null ? {} : { [RETIRED_LABEL]: marks.retired }),
      },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: { ...(live === null ? built.spec : fixed(live)), resources: { requests: { storage } } },
  };
}

const fixed = ({ spec }: MemberVolume) => ({
  accessModes: spec?.accessModes ?? [],
  ...(spec?.volumeMode === undefined ? {} : { volumeMode: spec.volumeMode }),
  ...(spec?.storageClassName === undefined ? {} : { storageClassName: spec.storageClassName }),
});
