import type { V1Job } from '@kubernetes/client-node';
import type { Resource, Stored } from '../api/resource.ts';

export const jobs: Resource<Stored<V1Job>> = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true };
