/** Of `/apis/apps/v1/namespaces/mail/deployments/imapd/status?force=true`: `deployments/status`. */
export function resourceIn(path: string): string {
  const [, root, ...parts] = (path.split('?')[0] ?? '').split('/');
  const inGroup = parts.slice(root === 'api' ? 1 : 2);
  const [plural = '', , subresource] = inGroup[0] === 'namespaces' && inGroup.length > 2 ? inGroup.slice(2) : inGroup;
  return subresource === undefined ? plural : `${plural}/${subresource}`;
}
