import { DeadlineError, within } from '#runtime/deadline.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { type ApiPlace, apiPath, rightFor } from './api-place.ts';
import { refusal } from './api-reader.ts';
import { ForwardedStream, type SocketOpener } from './forwarded-stream.ts';

/** A port of a pod. */
export type ForwardTarget = { readonly namespace: string; readonly pod: string; readonly port: number };

const DEADLINE_MS = 10_000;

/** A connection to a port of a pod, through the API server. @throws CliError */
export async function openForward(
  opener: SocketOpener,
  { namespace, pod, port }: ForwardTarget,
): Promise<ForwardedStream> {
  const place: ApiPlace = { api: 'v1', plural: 'pods', namespace, name: pod, subresource: 'portforward' };
  const opening = ForwardedStream.open(opener, apiPath(place, { ports: port }));
  try {
    return await within(DEADLINE_MS, `port-forward to ${pod}`, opening);
  } catch (error) {
    if (error instanceof DeadlineError) giveUp(opening);
    throw explained(error, place);
  }
}

/** It may still be opened, too late. */
function giveUp(opening: Promise<ForwardedStream>): void {
  opening.then(
    (stream) => stream.destroy(),
    () => undefined,
  );
}

/** client-node rejects with the event of the browser's API: `message` is all it has. */
function explained(error: unknown, place: ApiPlace): CliError {
  const said = String((error as { readonly message?: unknown } | null)?.message ?? error);
  const status = Number(/^Unexpected server response: (\d{3})$/.exec(said)?.[1] ?? 0);
  if (status === 401 || status === 403) {
    return refusal(status, `port-forward to ${place.name} is forbidden`, rightFor('create', place));
  }
  const why = status === 404 ? 'it is gone' : said;
  return new CliError(`no connection to the pod ${place.name}: ${why}`, EXIT.unreachable, { cause: error });
}
