/** One thing that one may do with an API server; or that a request has needed. */
export type Right = {
  readonly verb: string;
  /** '' is the core. */
  readonly group: string;
  /** With its subresource: "imapclusters/status". */
  readonly resource: string;
  /** Of the one object that it is for; of a request: the object asked for. */
  readonly name?: string;
};

/** As a person would say it: "patch imapclusters.imapcluster.io/status", "get configmaps mail-routing". */
export function rightText({ verb, group, resource, name }: Right): string {
  const [kind = '', ...sub] = resource.split('/');
  const whole = [[kind, group].filter((part) => part !== '').join('.'), ...sub].join('/');
  return [verb, whole, name].filter((part) => part !== undefined).join(' ');
}
