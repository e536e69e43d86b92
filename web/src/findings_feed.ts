// A job's findings, fetched page by page as far as they are looked at; the server filters, so that a hundred
// thousand of them need not come here.

import { signal } from '@preact/signals';
import { ApiFailure, findings, type FindingQuery } from './api';
import type { Finding } from './types';

const PAGE = 500;

export class FindingsFeed {
  /** Those that fit the filter, in the order in which they were made. Grows in place; `version` tells. */
  readonly rows: Finding[] = [];
  readonly version = signal(0);
  readonly loading = signal(false);
  readonly done = signal(false);
  readonly failure = signal<ApiFailure | undefined>(undefined);
  private after: number | undefined;
  private readonly stopper = new AbortController();

  constructor(private readonly job: string, private readonly filter: FindingQuery) {}

  /** Fetches until at least `count` rows are here, or there are no more. */
  async want(count: number): Promise<void> {
    if (this.loading.value || this.done.value) return;
    this.loading.value = true;
    try {
      while (this.rows.length < count && !this.done.value && !this.stopper.signal.aborted) await this.next();
      this.failure.value = undefined;
    } catch (error) {
      if (this.stopper.signal.aborted) return;
      if (!(error instanceof ApiFailure)) throw error;
      this.failure.value = error;
    } finally {
      this.loading.value = false;
    }
  }

  /** The job has gone on: there may be more behind the last. */
  async more(count: number): Promise<void> {
    if (!this.done.value || this.loading.value) return;
    this.done.value = false;
    await this.want(Math.max(count, this.rows.length + 1));
  }

  stop(): void {
    this.stopper.abort();
  }

  private async next(): Promise<void> {
    const page = await findings(this.job, {
      ...this.filter,
      limit: PAGE,
      ...(this.after !== undefined ? { after: this.after } : {}),
    }, this.stopper.signal);
    this.rows.push(...page.findings);
    this.after = page.findings.at(-1)?.sequence ?? this.after;
    this.done.value = page.next === undefined;
    this.version.value += 1;
  }
}

export function placeOf(finding: Finding): string {
  const { file, line, column } = finding;
  if (!file) return finding.item ?? 'the package';
  return line ? `${file}:${line}${column !== undefined ? `:${column}` : ''}` : file;
}
