// Numbers and times as a person reads them, in the reader's own language and zone.

const whole = new Intl.NumberFormat();
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export const number = (value: number): string => whole.format(value);

export function rate(itemsPerSecond: number): string {
  return `${itemsPerSecond >= 10 ? whole.format(Math.round(itemsPerSecond)) : oneDigit.format(itemsPerSecond)} items/s`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : oneDigit.format(value)} ${units[unit]}`;
}

/** "2 h 5 min", "1 min 12 s", "0.4 s": the two largest units. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${oneDigit.format(seconds)} s`;
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [name, size] of [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(' ');
}

const localDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const localTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const zoneName = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' });

export interface Moment { local: string; zone: string; utc: string }

/** A time in the reader's zone, and the same in UTC. */
export function moment(iso: string): Moment {
  const date = new Date(iso);
  const zone = zoneName.formatToParts(date).find(part => part.type === 'timeZoneName')?.value ?? '';
  return { local: `${localDay.format(date)}, ${localTime.format(date)}`, zone, utc: iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC') };
}

// The server knows an upload by a number; this browser remembers what the file was called.
const NAMES = 'waybill.uploads';
const MOST_NAMES = 100;

function uploadNames(): [string, string][] {
  try {
    return JSON.parse(localStorage.getItem(NAMES) ?? '[]') as [string, string][];
  } catch {
    return [];
  }
}

let known = new Map(uploadNames());

export function nameUpload(path: string, name: string): void {
  known = new Map([...uploadNames(), [path, name] as [string, string]].slice(-MOST_NAMES));
  localStorage.setItem(NAMES, JSON.stringify([...known]));
}

/** The last part of a path or URI: what a package is called. */
export function packageName(path: string): string {
  if (path.startsWith('upload://')) return known.get(path) ?? 'uploaded package';
  return path.replace(/\/+$/, '').split('/').pop() || path;
}
