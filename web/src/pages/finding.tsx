import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { findings, findJob } from '../api';
import { placeOf } from '../findings_feed';
import { fileText, keepPackage, keptPackage } from '../kept_packages';
import { here } from '../router';
import { CopyButton, Failure, Heading, Notice, SeverityBadge, Waiting, When } from '../ui';
import type { Finding, Job } from '../types';

const AROUND = 6; // lines before and after
const LONGEST = 400; // characters of a line that are shown

type Text = { lines: string[]; first: number } | { why: string; choose?: boolean };

/** The lines around the place; or why they cannot be shown. */
async function textAround(finding: Finding, job: Job | undefined): Promise<Text> {
  const { file, line } = finding;
  if (!file || !line) return { why: 'The finding is about the package as a whole or a whole file: there is no line to show.' };
  const path = job?.dataSource?.path ?? '';
  const zip = keptPackage(path);
  if (!zip) {
    return {
      choose: true,
      why: path.startsWith('upload://')
        ? 'The package was dropped onto another tab, or before this page was loaded anew. Choose it again to see its lines.'
        : 'The server keeps no copy of the package. Choose yours, as a zip, to see the lines around the place: it is read in this page and sent nowhere.',
    };
  }
  const text = await fileText(zip, file);
  if (text === undefined) return { why: `The file ${file} could not be read from the package that was dropped.` };
  const lines = text.split('\n');
  const first = Math.max(1, line - AROUND);
  return { lines: lines.slice(first - 1, line + AROUND).map(one => one.replace(/\r$/, '')), first };
}

/** A line with the column marked: the word that begins there, or one character. */
function Marked({ text, column }: { text: string; column: number | undefined }): JSX.Element {
  if (column === undefined || column < 1) return <mark>{text.slice(0, LONGEST)}</mark>;
  const characters = [...text];
  const at = Math.min(column - 1, Math.max(0, characters.length - 1));
  const from = Math.max(0, at - LONGEST / 2);
  const rest = characters.slice(at).join('');
  const word = /^("(?:[^"\\]|\\.)*"|[\p{L}\p{N}_:/.#-]+|<[^>]*>|.)/u.exec(rest)?.[0] ?? '';
  return <>{from > 0 ? '… ' : ''}{characters.slice(from, at).join('')}<mark>{word.slice(0, LONGEST)}</mark>{rest.slice(word.length, word.length + LONGEST)}</>;
}

function Lines({ text, finding }: { text: { lines: string[]; first: number }; finding: Finding }): JSX.Element {
  return (
    <div class="source" tabIndex={0} role="region" aria-label={`Lines of ${finding.file}`}>
      {text.lines.map((line, index) => {
        const numbered = text.first + index;
        const here = numbered === finding.line;
        return (
          <div key={numbered} class={`source-line${here ? ' here' : ''}`} aria-current={here ? 'location' : undefined}>
            <span class="source-number">{numbered}</span>
            <code>{here ? <Marked text={line} column={finding.column} /> : line.slice(0, LONGEST) || ' '}</code>
          </div>
        );
      })}
    </div>
  );
}

function NoLines({ text, chosen }: { text: { why: string; choose?: boolean }; chosen: (zip: File) => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <p class="quiet-text">{text.why}</p>
      {text.choose ? (
        <div class="actions">
          <button type="button" class="button" onClick={() => input.current?.click()}>Choose the zip</button>
          <input ref={input} type="file" accept=".zip" hidden data-testid="lines-input" onChange={event => {
            const [file] = event.currentTarget.files ?? [];
            if (file) chosen(file);
          }} />
        </div>
      ) : null}
    </>
  );
}

async function findOne(id: string, sequence: number): Promise<Finding | undefined> {
  const page = await findings(id, { after: Math.max(0, sequence - 1), limit: 1 });
  return page.findings.find(one => one.sequence === sequence);
}

export function FindingPage({ id, sequence }: { id: string; sequence: number }): JSX.Element {
  const [finding, setFinding] = useState<Finding | null>();
  const [text, setText] = useState<Text>();
  const [job, setJob] = useState<Job>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    Promise.all([findOne(id, sequence), findJob(id)]).then(async ([found, of]) => {
      setFinding(found ?? null);
      setJob(of);
      if (found) setText(await textAround(found, of));
    }).catch(setFailure);
  }, [id, sequence]);

  const back = `/console/jobs/${id}${here.value.search}`;
  const crumbs = <p class="crumbs"><a href="/console/jobs">Jobs</a> / <a href={back}>Job</a></p>;
  if (failure) return <>{crumbs}<Heading title="Finding" /><Failure error={failure} what="This finding cannot be shown." /></>;
  if (finding === null) return <>{crumbs}<Heading title="There is no such finding" /></>;
  if (!finding) return <>{crumbs}<Heading title="Finding" /><Waiting what="Reading the finding …" /></>;
  const place = placeOf(finding);
  return (
    <>
      {crumbs}
      <Heading title={finding.message} tab={`${finding.rule} in ${finding.file ?? 'the package'}`}><SeverityBadge severity={finding.severity} /></Heading>
      {finding.advice ? <Notice tone="quiet" title="What to do"><p>{finding.advice}</p></Notice> : null}
      <dl class="facts">
        <div><dt>Where</dt><dd class="path">{place} <CopyButton text={place} label="Copy" /></dd></div>
        {finding.item ? <div><dt>{finding.kind[0]!.toUpperCase() + finding.kind.slice(1)}</dt><dd class="path">{finding.item}</dd></div> : null}
        {finding.pointer ? <div><dt>JSON pointer</dt><dd class="path">{finding.pointer}</dd></div> : null}
        <div><dt>Rule</dt><dd><a href={`/docs/rules/${finding.rule}`}>{finding.rule}</a></dd></div>
        <div><dt>Found</dt><dd><When time={finding.time} /></dd></div>
      </dl>
      <h2>In the file</h2>
      {!text ? <Waiting what="Reading the file …" /> : 'why' in text ? <NoLines text={text} chosen={zip => { keepPackage(job?.dataSource?.path ?? '', zip); void textAround(finding, job).then(setText); }} /> : <Lines text={text} finding={finding} />}
      <nav class="actions" aria-label="Other findings">
        <a class="button" href={back}>All findings of the job</a>
      </nav>
    </>
  );
}
