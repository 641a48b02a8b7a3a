import { parse } from 'yaml';
import { readModuleFile } from '#e2e/clusters/programs/module-file.ts';

const MODULE = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
const GROUP = 'monitoring.coreos.com';

export type MonitoringPlural = 'podmonitors' | 'servicemonitors' | 'prometheusrules';

/** A CustomResourceDefinition of the Prometheus operator, as its project publishes it. */
export type MonitoringDefinition = { readonly metadata: { readonly name: string }; readonly [field: string]: unknown };

export async function monitoringDefinition(plural: MonitoringPlural): Promise<MonitoringDefinition> {
  const path = `example/prometheus-operator-crd/${GROUP}_${plural}.yaml`;
  return parse(await readModuleFile({ module: MODULE, path })) as MonitoringDefinition;
}
