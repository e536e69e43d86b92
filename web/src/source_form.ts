// Where a package lies, as a person enters it; checked here before the server is asked, by the API's own limits.

import type { Credentials, DataSource } from './types';

export const emptySource = {
  path: '', region: '', accessKeyId: '', secretAccessKey: '', sessionToken: '', username: '', password: '', privateKey: '', passphrase: '',
};
export type SourceForm = typeof emptySource;
export type SourceProblems = Partial<Record<keyof SourceForm, string | undefined>>;

export type SourceKind = 's3' | 'sftp' | 'file' | 'upload';

export function sourceKind(path: string): SourceKind | undefined {
  const scheme = /^\s*(s3|sftp|file|upload):\/\//i.exec(path)?.[1]?.toLowerCase();
  return scheme as SourceKind | undefined;
}

function pathProblem(path: string): string | undefined {
  const text = path.trim();
  if (!text) return 'Name where the package lies.';
  if (text.length > 1024) return 'A path has at most 1024 characters.';
  switch (sourceKind(text)) {
    case undefined:
      if (text.startsWith('/')) return `Write file://${text} for a folder of the server.`;
      return 'Begin with s3://, sftp:// or file://. A package on your own machine is dropped beside.';
    case 's3':
      return /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/|$)/i.test(text) ? undefined : 'Write s3://bucket/key-or-folder: a bucket has 3 to 63 letters, digits, dots and hyphens.';
    case 'sftp':
      if (/^sftp:\/\/[^/]*@/i.test(text)) return 'Leave the user out of the path: it has a field of its own.';
      return /^sftp:\/\/(\[[0-9a-f:]+\]|[^/:@\s]+)(:\d{1,5})?\/./i.test(text) ? undefined : 'Write sftp://host/path, or sftp://host:port/path.';
    case 'file':
      return /^file:\/\/\/./i.test(text) ? undefined : 'Write file:///mount/path, with three slashes: the path begins at the top.';
    case 'upload':
      return undefined;
  }
}

export function checkSource(form: SourceForm): SourceProblems {
  const found: SourceProblems = { path: pathProblem(form.path) };
  const kind = sourceKind(form.path);
  if (kind === 's3') {
    if (form.accessKeyId && !form.secretAccessKey) found.secretAccessKey = 'The access key id needs its secret.';
    if (form.secretAccessKey && !form.accessKeyId) found.accessKeyId = 'The secret needs its access key id.';
    if (form.region.length > 20) found.region = 'A region has at most 20 characters.';
  }
  if (kind === 'sftp') {
    if (!form.username) found.username = 'Name the user to sign in as.';
    if (!form.password && !form.privateKey) found.password = 'Give a password, or a private key.';
    if (form.privateKey && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(form.privateKey)) found.privateKey = 'That is no private key: it begins with -----BEGIN … PRIVATE KEY-----.';
    if (form.privateKey.length > 16_384) found.privateKey = 'A key has at most 16 KiB.';
  }
  return found;
}

export function toDataSource(form: SourceForm): DataSource {
  const kind = sourceKind(form.path);
  const names: (keyof Credentials)[] = kind === 's3' ? ['accessKeyId', 'secretAccessKey', 'sessionToken'] : kind === 'sftp' ? ['username', 'password', 'privateKey', 'passphrase'] : [];
  const credentials = Object.fromEntries(names.filter(name => form[name]).map(name => [name, form[name]]));
  return {
    type: kind === 's3' ? 'AWS S3 bucket' : 'Shared file path',
    path: form.path.trim(),
    ...(kind === 's3' && form.region ? { region: form.region.trim() } : {}),
    ...(Object.keys(credentials).length > 0 ? { credentials } : {}),
  };
}
