import type {
  V1Job,
  V1NetworkPolicy,
  V1PodDisruptionBudget,
  V1Role,
  V1RoleBinding,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import type { PodMonitor } from '../../../cluster/pod-monitor.ts';
import type { ApiObject, Resource, Stored } from '../../api/resource.ts';

function named<T extends ApiObject>(apiVersion: string, kind: string, plural: string): Resource<T> {
  return { apiVersion, kind, plural, namespaced: true };
}

const RBAC = 'rbac.authorization.k8s.io/v1';

/** Kinds that controllers apply and nobody else here reads. */
export const serviceAccounts = named<Stored<V1ServiceAccount>>('v1', 'ServiceAccount', 'serviceaccounts');
export const roles = named<Stored<V1Role>>(RBAC, 'Role', 'roles');
export const roleBindings = named<Stored<V1RoleBinding>>(RBAC, 'RoleBinding', 'rolebindings');
export const disruptionBudgets = named<Stored<V1PodDisruptionBudget>>(
  'policy/v1',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
);
export const networkPolicies = named<Stored<V1NetworkPolicy>>(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
);
export const jobs = named<Stored<V1Job>>('batch/v1', 'Job', 'jobs');
/** Of the Prometheus operator: the kind may not exist. */
export const podMonitors = named<PodMonitor>('monitoring.coreos.com/v1', 'PodMonitor', 'podmonitors');
