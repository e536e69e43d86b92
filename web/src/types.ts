// What the API answers, as api/openapi.yaml says.

export type State = 'Scheduled' | 'In Progress' | 'Successful' | 'Failed' | 'Cancelled';
export type JobType = 'Import' | 'Validation' | 'Undo';
export type Severity = 'error' | 'warning' | 'remark';

export type Operation = 'import' | 'reimport';

export interface Progress { processed: number; total: number; percentage: number }
export interface Results { successful: number; warnings: number; errors: number }

export interface JobStatus {
  status: State;
  jobType: JobType;
  progress?: Progress;
  logFileLocation?: string;
  startTime: string;
  scheduledStopTime?: string;
  estimatedCompletion?: string;
  currentOperation?: string;
  completionTime?: string;
  failureTime?: string;
  results?: Results;
  error?: string;
  retryable?: boolean;
  rate?: number; // items a second, as events tell it
}

export type SourceType = 'AWS S3 bucket' | 'Shared file path';

export interface Job extends JobStatus {
  id: string;
  created: string;
  department: string;
  client: string;
  operation?: Operation;
  dataSource?: { type: SourceType; path: string };
  target?: string; // the job that an Undo takes back, or whose failed items an Import runs
}

export type ItemKind = 'folder' | 'article' | 'topic' | 'portal';
export type Outcome = 'created' | 'updated' | 'unchanged' | 'refused' | 'removed';
export type OutcomeCounts = Record<Exclude<Outcome, 'removed'>, number> & { removed?: number };
export interface Preview {
  jobType: JobType;
  status: State;
  operation?: Operation;
  complete: boolean;
  counts: OutcomeCounts;
  kinds: Record<ItemKind, OutcomeCounts>;
}
export interface Item { number: number; kind: ItemKind; path: string; language?: string; outcome: Outcome; articleId?: string; id?: string }
export interface DifferenceWord { op: 'equal' | 'delete' | 'insert' | 'skip'; text?: string; count?: number }
export interface DifferenceLine {
  op: 'equal' | 'delete' | 'insert' | 'replace' | 'skip';
  before?: number;
  after?: number;
  text?: string;
  count?: number;
  words?: DifferenceWord[];
}
export interface Difference {
  members: { name: string; before?: unknown; after?: unknown }[];
  body: { changed: boolean; truncated: boolean; lines: DifferenceLine[] };
}
export type ItemDetail = Item & { difference?: Difference };
export interface Revision { revision: number; jobId: string; time?: string; removed: boolean }
export interface FindingSummary {
  errors: number;
  warnings: number;
  remarks: number;
  rules: { rule: string; severity: Severity; count: number; title: string }[];
}

export interface Finding {
  sequence: number;
  time: string;
  severity: Severity;
  rule: string;
  kind: string;
  item?: string;
  file?: string;
  pointer?: string;
  line?: number;
  column?: number;
  message: string;
  advice?: string;
}

export interface Folder { id: string; path: string; name: string; description?: string; articleCount: number; modified: string }
export interface Topic { id: string; path: string; name: string; description?: string; articles: string[]; articleCount: number; modified: string }
export interface Portal { id: string; name: string; description?: string; topics: string[]; modified: string }
export interface Resource { name: string; path: string; size: number; sha256: string }

export interface Article {
  id: string;
  name: string;
  folder: { path: string };
  languageCode: string;
  description?: string;
  articleSummary?: string;
  articleKeywords?: string;
  additionalInfo?: string;
  articleMacro?: string;
  articleType?: { typeName: string };
  availabilityDate?: string;
  expirationDate?: string;
  customAttributes?: { name: string; type: string; value: string[] }[];
  tags?: { category?: string; name: string }[];
  imageURL?: string;
  includeInGenAI?: boolean;
  attachments?: Resource[];
  inlineResources?: Resource[];
  revision: number;
  jobId: string;
  created: string;
  modified: string;
  text?: string;
  links?: { url: string; articleId?: string }[];
}

export interface SearchHit { id: string; path: string; name: string; languageCode: string; snippet: string; snippetHtml: string; score: number }

export type HealthState = 'healthy' | 'degraded' | 'unhealthy' | 'maintenance';
export interface Health {
  status: HealthState;
  timestamp: string;
  version: string;
  uptime: string;
  issues: string[];
  components: Record<'database' | 'fileSystem' | 'externalServices' | 'processingEngine' | 'storage', HealthState>;
}

export interface Credentials {
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
  username?: string;
  password?: string;
  privateKey?: string;
  passphrase?: string;
}
/** What a job would meet on its way to a package. */
export interface SourceStep { what: 'connection' | 'listing' | 'clock' | 'package'; fine: boolean; found: string; advice?: string }
export interface SourceAnswer { fine: boolean; checks: SourceStep[] }

export interface DataSource { type: SourceType; path: string; region?: string; credentials?: Credentials }
export interface ScheduleTime { date?: string; stopDate?: string }

export const FINAL: readonly State[] = ['Successful', 'Failed', 'Cancelled'];
export const isFinal = (status: { status: State }): boolean => FINAL.includes(status.status);
