import type { ProgramName } from '../programs/program-table.ts';

/** What has to be built before startApiServer can start anything. */
export const API_SERVER_PROGRAMS = ['etcd', 'kube-apiserver'] as const satisfies readonly ProgramName[];
