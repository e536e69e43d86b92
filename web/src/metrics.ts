// What the server counts (/metrics, Prometheus' text format 0.0.4), and how fast it counts.

import { metricsText } from './api';

export interface Sample { name: string; labels: Record<string, string>; value: number }

export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!found || line.startsWith('#')) continue;
    const labels = Object.fromEntries([...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name!, value!]));
    samples.push({ name: found[1]!, labels, value: Number(found[3]) });
  }
  return samples;
}

const sum = (samples: Sample[], name: string, fits: (labels: Record<string, string>) => boolean = () => true): number =>
  samples.filter(sample => sample.name === name && fits(sample.labels)).reduce((all, sample) => all + sample.value, 0);

/** One look at the counters. Rates are over the time since the look before; undefined at the first. */
export interface Throughput {
  at: number; // milliseconds since 1970
  items: number;
  requests: number;
  faults: number; // answers of 500 and above
  running: number;
  waiting: number;
  backlog: number; // revisions that search does not know yet
  memory: number; // bytes resident
  itemRate?: number; // a second
  requestRate?: number;
}

export async function look(before: Throughput | undefined): Promise<Throughput> {
  const samples = parseMetrics(await metricsText());
  const now: Throughput = {
    at: Date.now(),
    items: sum(samples, 'waybill_items_processed_total'),
    requests: sum(samples, 'waybill_http_requests_total'),
    faults: sum(samples, 'waybill_http_requests_total', labels => (labels.status ?? '').startsWith('5')),
    running: sum(samples, 'waybill_jobs_running'),
    waiting: sum(samples, 'waybill_jobs', labels => labels.state === 'Scheduled'),
    backlog: sum(samples, 'waybill_search_index_backlog'),
    memory: sum(samples, 'process_resident_memory_bytes'),
  };
  // Counters begin anew when the server does.
  if (!before || now.items < before.items || now.requests < before.requests) return now;
  const seconds = (now.at - before.at) / 1000;
  return seconds <= 0 ? now : { ...now, itemRate: (now.items - before.items) / seconds, requestRate: (now.requests - before.requests) / seconds };
}
