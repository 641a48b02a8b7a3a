/**
 * Conditions that are there only while they hold, by the kind whose status has them. The reason of each is its own name,
 * which is a code of `runtime/error-codes.ts` too.
 */
export const alarms = {
  ImapCluster: [
    'CertificateMissing',
    'CoreFailed',
    'KindsOutdated',
    'NameTaken',
    'ReconcileFailed',
    'RecordDamaged',
    'SlotsUncovered',
    'Unsupported',
  ],
  MailboxPartition: [
    'ClusterMissing',
    'CoreFailed',
    'DeletionHeld',
    'NameTaken',
    'PlacementConflict',
    'ReconcileFailed',
    'RecordDamaged',
    'Unsupported',
  ],
} as const;

export type Alarm = (typeof alarms)[keyof typeof alarms][number];
