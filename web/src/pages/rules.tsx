import type { JSX } from 'preact';
import source from '../../../docs/rules.md?raw';
import { Markdown } from '../markdown';
import { Empty, Heading } from '../ui';

// Both are made from the rule table; a page for each rule has examples.
const PAGES = import.meta.glob<string>('../../../docs/rules/*.md', { query: '?raw', import: 'default', eager: true });

/** What is known of a rule: its own page, or its part of the list of all. */
function textOf(code: string): string | undefined {
  const page = PAGES[`../../../docs/rules/${code}.md`];
  return page ?? source.split(/^### /m).find(part => part.startsWith(`${code}\n`))?.slice(code.length).split(/^## /m)[0];
}

export function RulesPage({ code }: { code?: string }): JSX.Element {
  const crumbs = <p class="crumbs"><a href="/docs/rules">Rules</a></p>;
  if (!code) return <><Heading title="Rules" /><Markdown text={source} /></>;
  const text = textOf(code);
  return text ? <>{crumbs}<Heading title={code} /><Markdown text={text} /></>
    : <>{crumbs}<Heading title="There is no such rule" /><Empty title={`No rule is called ${code}.`}><p><a href="/docs/rules">See all rules</a></p></Empty></>;
}
