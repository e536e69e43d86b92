// What a job and its outcomes are called.

import { packageName } from './format';
import type { Job, Outcome } from './types';

export function kindOf(job: Job): string {
  if (job.jobType === 'Import' && job.target) return 'Repair';
  return job.operation === 'reimport' && job.jobType === 'Import' ? 'Reimport' : job.jobType;
}

/** "Import of handbook.zip", "Undo of 7A84B875". */
export function titleOf(job: Job): string {
  const of = job.dataSource ? packageName(job.dataSource.path) : (job.target ?? job.id).slice(0, 8);
  return `${kindOf(job)} of ${of}`;
}

/** What became of an item: its colour, its picture, and the word for it. */
export const OUTCOMES: Record<Outcome, [tone: string, icon: string, did: string, would: string]> = {
  created: ['good', 'add', 'Made', 'Would be made'],
  updated: ['accent', 'run', 'Updated', 'Would be updated'],
  unchanged: ['quiet', 'check', 'Left as it was', 'Would be left'],
  refused: ['bad', 'cross', 'Refused', 'Would be refused'],
  removed: ['warn', 'stop', 'Removed', 'Would be removed'],
};
