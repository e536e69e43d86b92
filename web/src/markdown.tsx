// The project's own pages of docs/, which are plain: headings, paragraphs, lists, tables, code, links. Nothing of it is HTML.

import { Fragment, type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { here } from './router';
import { SeverityBadge } from './ui';
import type { Severity } from './types';

/** Where a link between pages of docs/ leads here; undefined: to a page that is not here. */
function addressOf(href: string): string | undefined {
  const [path = '', anchor] = href.split('#');
  const name = /(?:^|\/)([a-z0-9-]+)\.md$/.exec(path)?.[1];
  const page = name === 'rules' ? '/docs/rules' : name && !path.startsWith('http') ? `/docs/rules/${name}` : path === '' ? '' : undefined;
  return page === undefined ? (/^https?:/.test(href) ? href : undefined) : page + (anchor ? `#${anchor}` : '');
}

const isSeverity = (text: string): text is Severity => text === 'error' || text === 'warning' || text === 'remark';

function Inline({ text }: { text: string }): JSX.Element {
  return (
    <>
      {text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map((part, index) => {
        const bold = /^\*\*(.+)\*\*$/.exec(part)?.[1];
        const [, label, href] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? [];
        const to = href && addressOf(href);
        if (part.startsWith('`')) return <code key={index}>{part.slice(1, -1)}</code>;
        if (bold) return isSeverity(bold) ? <SeverityBadge key={index} severity={bold} /> : <strong key={index}>{bold}</strong>;
        if (label) return to ? <a key={index} href={to}>{label}</a> : <Fragment key={index}>{label}</Fragment>;
        return <Fragment key={index}>{part}</Fragment>;
      })}
    </>
  );
}

const anchorOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9 -]/g, '').replace(/ /g, '-');
const cells = (row: string): string[] => row.replace(/^\||\|$/g, '').split('|').map(cell => cell.trim());

function Table({ lines }: { lines: string[] }): JSX.Element {
  const [head = '', , ...rows] = lines;
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={cells(head)[0] ?? 'Table'}>
      <table class="table">
        <thead><tr>{cells(head).map((cell, index) => <th key={index} scope="col">{cell || <span class="visually-hidden">severity</span>}</th>)}</tr></thead>
        <tbody>
          {rows.map(row => <tr key={row}>{cells(row).map((cell, index) => <td key={index}>{isSeverity(cell) ? <SeverityBadge severity={cell} /> : <Inline text={cell} />}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}

function Block({ text }: { text: string }): JSX.Element | null {
  const lines = text.split('\n');
  const [, signs, title = ''] = /^(#{1,4}) (.+)$/.exec(text) ?? [];
  if (signs) {
    const Tag = (signs.length < 3 ? 'h2' : 'h3') as 'h2' | 'h3';
    return <Tag id={anchorOf(title)}>{/^[a-z]+(-[a-z]+)+$/.test(title) ? <a href={`/docs/rules/${title}`}>{title}</a> : title}</Tag>;
  }
  if (text.startsWith('```')) return <pre class="code" tabIndex={0}><code>{lines.slice(1, -1).join('\n')}</code></pre>;
  if (text.startsWith('|')) return <Table lines={lines} />;
  if (text.startsWith('- ')) return <ul class="plain-list">{text.split(/\n(?=- )/).map(item => <li key={item}><Inline text={item.slice(2)} /></li>)}</ul>;
  return /^-{3,}$/.test(text) ? null : <p><Inline text={text} /></p>;
}

/** Blocks are parted by empty lines, but not those inside of code. */
function blocksOf(text: string): string[] {
  return text.split(/(^```[^\n]*\n[^]*?\n```$)/m).flatMap(part => (part.startsWith('```') ? [part] : part.split(/\n{2,}/))).map(part => part.trim()).filter(Boolean);
}

/** Without the heading that the page itself has. */
export function Markdown({ text }: { text: string }): JSX.Element {
  const { hash } = here.value;
  useEffect(() => {
    if (hash) document.getElementById(hash.slice(1))?.scrollIntoView();
  }, [hash, text]);
  return <div class="prose">{blocksOf(text.replace(/^# .+\n/, '')).map((block, index) => <Block key={index} text={block} />)}</div>;
}
