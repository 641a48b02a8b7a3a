/** Major and minor number, which make up a series: data of one are not for servers of an older one. */
export type Series = readonly [number, number];

/** Of `10.11.19-MariaDB-0+deb12u1`, for example; null where the text does not begin with a version. */
export function seriesOf(version: string): Series | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? null : [Number(major), Number(minor)];
}

export const isOlder = (a: Series, b: Series): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

export const seriesText = (series: Series): string => series.join('.');
