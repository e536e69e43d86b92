import type { JSX } from 'preact';
import { Heading, Empty } from '../ui';

export function RulesPage({ code }: { code?: string }): JSX.Element {
  return <><Heading title={code ?? 'Rules'} /><Empty title="…" /></>;
}
