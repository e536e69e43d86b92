import type { JSX } from 'preact';
import { item as fetchItem } from '../api';
import { number } from '../format';
import { Empty, Failure, Heading, Notice, Waiting } from '../ui';
import { useLoaded } from '../use_loaded';
import type { Difference, DifferenceLine, DifferenceWord, ItemDetail } from '../types';
import { OutcomeBadge } from './items';

/** A value as a person reads it: a list has a line for each, an object its members. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join('\n');
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value).map(([name, one]) => `${name}: ${asText(one)}`).join(', ');
}

function Members({ members, would }: { members: Difference['members']; would: boolean }): JSX.Element {
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Properties that differ">
      <table class="table members-table">
        <caption class="visually-hidden">Properties that differ</caption>
        <thead><tr><th scope="col">Property</th><th scope="col">{would ? 'As it is' : 'Before'}</th><th scope="col">{would ? 'As it would be' : 'After'}</th></tr></thead>
        <tbody>
          {members.map(member => (
            <tr key={member.name}>
              <th scope="row">{member.name}</th>
              <td>{member.before === undefined ? '–' : <del>{asText(member.before)}</del>}</td>
              <td>{member.after === undefined ? '–' : <ins>{asText(member.after)}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Word({ word }: { word: DifferenceWord }): JSX.Element {
  if (word.op === 'skip') return <span class="quiet-text"> … {number(word.count ?? 0)} characters … </span>;
  if (word.op === 'delete') return <del>{word.text}</del>;
  return word.op === 'insert' ? <ins>{word.text}</ins> : <>{word.text}</>;
}

const SIGNS = { equal: ' ', delete: '−', insert: '+', replace: '±', skip: ' ' };
const SAID = { equal: '', delete: 'removed: ', insert: 'added: ', replace: 'changed: ', skip: '' };

function Line({ line }: { line: DifferenceLine }): JSX.Element {
  if (line.op === 'skip') return <div class="diff-line gap"><span class="diff-number" /><span class="diff-number" /><span class="diff-sign" /><span>{number(line.count ?? 0)} equal lines</span></div>;
  return (
    <div class={`diff-line ${line.op}`}>
      <span class="diff-number">{line.before ?? ''}</span>
      <span class="diff-number">{line.after ?? ''}</span>
      <span class="diff-sign" aria-hidden="true">{SIGNS[line.op]}</span>
      <code><span class="visually-hidden">{SAID[line.op]}</span>{line.words ? line.words.map((word, index) => <Word key={index} word={word} />) : line.text}</code>
    </div>
  );
}

function Body({ body, would }: { body: Difference['body']; would: boolean }): JSX.Element {
  if (!body.changed) return <p class="quiet-text">The body {would ? 'would stay' : 'stayed'} as it {would ? 'is' : 'was'}.</p>;
  return (
    <>
      <div class="source diff" tabIndex={0} role="region" aria-label="Difference of the body">
        {body.lines.map((line, index) => <Line key={index} line={line} />)}
      </div>
      {body.truncated ? <p class="quiet-text">More differs than is shown here.</p> : null}
    </>
  );
}

function Shown({ found, would }: { found: ItemDetail; would: boolean }): JSX.Element {
  if (found.outcome === 'refused') return <Notice tone="bad" title={would ? 'It would be refused.' : 'It was refused.'}><p>The job’s findings say why, and how to mend it.</p></Notice>;
  if (!found.difference) return <Empty title={would ? 'Nothing about it would change.' : 'Nothing about it was changed.'} />;
  const { members, body } = found.difference;
  return (
    <>
      <h2>Properties</h2>
      {members.length > 0 ? <Members members={members} would={would} /> : <p class="quiet-text">They {would ? 'would stay' : 'stayed'} as they {would ? 'are' : 'were'}.</p>}
      <h2>Body</h2>
      <Body body={body} would={would} />
    </>
  );
}

/** One article as it is and as it would be; of a job that wrote, as it was and as it became. */
export function DifferencePage({ id, item }: { id: string; item: number }): JSX.Element {
  const loaded = useLoaded(`${id}/${item}`, stop => fetchItem(id, item, stop));
  const type = useLoaded(`type ${id}`, async stop => (await import('../api')).preview(id, stop));
  const would = type.value?.jobType === 'Validation';
  const crumbs = <nav class="crumbs" aria-label="Where this is"><a href="/console/jobs">Jobs</a> / <a href={`/console/jobs/${id}`}>Job</a> / <a href={`/console/jobs/${id}/items`}>Items</a></nav>;
  if (loaded.failure) return <>{crumbs}<Heading title="Item" /><Failure error={loaded.failure} what="This item cannot be shown." retry={loaded.again} /></>;
  if (!loaded.value || !type.value) return <>{crumbs}<Heading title="Item" />{type.failure ? <Failure error={type.failure} what="This item cannot be shown." retry={type.again} /> : <Waiting what="Comparing …" />}</>;
  const found = loaded.value;
  return (
    <>
      {crumbs}
      <Heading title={found.path.split('/').pop() ?? found.path} tab={`${found.path} · difference`}><OutcomeBadge outcome={found.outcome} would={would} /></Heading>
      <p class="path quiet-text">{found.path}{found.language ? ` · ${found.language}` : ''}</p>
      {found.articleId && (!would || found.outcome !== 'created') ? <p><a href={`/console/articles/${found.articleId}`}>The article as it is now</a></p> : null}
      <Shown found={found} would={would} />
    </>
  );
}
