import type { JSX } from 'preact';
import source from '../../../docs/rules.md?raw';
import { Empty, Heading, SeverityBadge } from '../ui';
import type { Severity } from '../types';

interface Rule { code: string; area: string; severity: Severity; says: string; advice: string[] }

/** docs/rules.md is made from the rule table: `## area`, `### code`, `**severity** · what is wrong`, and what to do. */
export function readRules(text: string): Rule[] {
  const found: Rule[] = [];
  let area = '';
  for (const part of text.split(/^(?=#{2,3} )/m)) {
    const [head = '', ...rest] = part.trim().split(/\n{2,}/);
    if (head.startsWith('## ')) area = head.slice(3).trim();
    const code = /^### ([a-z0-9-]+)$/.exec(head)?.[1];
    const [, severity, says] = /^\*\*(error|warning|remark)\*\* · ([^]+)$/.exec(rest[0] ?? '') ?? [];
    if (code && severity && says) found.push({ code, area, severity: severity as Severity, says, advice: rest.slice(1) });
  }
  return found;
}

const RULES = readRules(source);

const MEANS: Record<Severity, string> = {
  error: 'The item is not done; where the finding is of the package, the job fails.',
  warning: 'The item is done, and somebody should look at it.',
  remark: 'Worth knowing; nothing needs to be done.',
};

/** `code` in running text as it is in Markdown. */
const Text = ({ text }: { text: string }): JSX.Element => <p>{text.split(/(`[^`]+`)/).map((part, index) => (part.startsWith('`') ? <code key={index}>{part.slice(1, -1)}</code> : part))}</p>;

function OneRule({ rule }: { rule: Rule }): JSX.Element {
  return (
    <>
      <p class="crumbs"><a href="/docs/rules">Rules</a></p>
      <Heading title={rule.code}><SeverityBadge severity={rule.severity} /></Heading>
      <p class="lead">{rule.says}</p>
      <h2>What to do</h2>
      {rule.advice.map(text => <Text key={text} text={text} />)}
      <p class="quiet-text">{MEANS[rule.severity]}</p>
    </>
  );
}

export function RulesPage({ code }: { code?: string }): JSX.Element {
  const rule = RULES.find(one => one.code === code);
  if (rule) return <OneRule rule={rule} />;
  if (code) return <><p class="crumbs"><a href="/docs/rules">Rules</a></p><Heading title="There is no such rule" /><Empty title={`No rule is called ${code}.`}><p><a href="/docs/rules">See all rules</a></p></Empty></>;
  return (
    <>
      <Heading title="Rules" />
      <p class="lead">Everything that Waybill can find in a package, by its code.</p>
      {[...new Set(RULES.map(one => one.area))].map(area => (
        <section key={area} aria-label={area}>
          <h2>{area}</h2>
          <ul class="list">
            {RULES.filter(one => one.area === area).map(one => (
              <li key={one.code}>
                <div class="list-body"><a class="path" href={`/docs/rules/${one.code}`}>{one.code}</a><span>{one.says}</span></div>
                <span class="list-side"><SeverityBadge severity={one.severity} /></span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
