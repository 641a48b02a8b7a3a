/** Where every pod finds the API server: by address, so that no name service has to work. Null outside of a cluster. */
export function apiServerOfPod(environment: NodeJS.ProcessEnv): string | null {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (host === undefined || port === undefined) return null;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
