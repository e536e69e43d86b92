import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { article as fetchArticle, articleContent, articleHistory, attachment } from '../api';
import { ArticleFrame } from '../article_frame';
import { bytes } from '../format';
import { CopyButton, Failure, Heading, Icon, save, Waiting, When } from '../ui';
import { useLoaded } from '../use_loaded';
import type { Article } from '../types';

function Attachments({ article }: { article: Article }): JSX.Element | null {
  const [failure, setFailure] = useState<unknown>();
  if (!article.attachments) return null;
  return (
    <section aria-labelledby="attachments">
      <h2 id="attachments">Attachments</h2>
      <ul class="list">
        {article.attachments.map((one, index) => (
          <li key={one.path}>
            <Icon name="clip" />
            <div class="list-body"><button type="button" class="link" onClick={() => void attachment(article.id, index).then(blob => save(blob, one.name), setFailure)}>{one.name}</button></div>
            <span class="list-side">{bytes(one.size)}</span>
          </li>
        ))}
      </ul>
      {failure ? <Failure error={failure} what="The attachment cannot be read." /> : null}
    </section>
  );
}

function Facts({ article }: { article: Article }): JSX.Element {
  const rows: [string, JSX.Element | string | undefined][] = [
    ['Folder', <a href={`/console/knowledge?folder=${encodeURIComponent(article.folder.path)}`}>{article.folder.path}</a>],
    ['Language', article.languageCode],
    ['Type', article.articleType?.typeName],
    ['Summary', article.articleSummary],
    ['Description', article.description],
    ['Keywords', article.articleKeywords],
    ['More', article.additionalInfo],
    ['Macro', article.articleMacro],
    ['Tags', article.tags?.map(tag => (tag.category ? `${tag.category}: ${tag.name}` : tag.name)).join(', ')],
    ['Available from', article.availabilityDate && <When time={article.availabilityDate} />],
    ['Expires', article.expirationDate && <When time={article.expirationDate} />],
    ...(article.customAttributes ?? []).map((one): [string, string] => [one.name, one.value.join(', ')]),
    ['For answers by AI', article.includeInGenAI === undefined ? undefined : article.includeInGenAI ? 'yes' : 'no'],
    ['Created', <When time={article.created} />],
    ['Changed', <><When time={article.modified} /> by <a href={`/console/jobs/${article.jobId}`}>this job</a>, revision {article.revision}</>],
    ['Id', <span class="path">{article.id} <CopyButton text={article.id} label="Copy" /></span>],
  ];
  return <dl class="facts">{rows.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function History({ id }: { id: string }): JSX.Element {
  const loaded = useLoaded(`history ${id}`, stop => articleHistory(id, stop));
  if (loaded.failure) return <Failure error={loaded.failure} what="The history cannot be read." retry={loaded.again} />;
  if (!loaded.value) return <Waiting what="Reading the history …" />;
  return (
    <ol class="list" reversed>
      {loaded.value.map(one => (
        <li key={one.revision}>
          <Icon name={one.removed ? 'stop' : 'file'} />
          <div class="list-body"><span>Revision {one.revision}{one.removed ? ', removed' : ''}</span><a class="quiet-text" href={`/console/jobs/${one.jobId}/items`}>by this job</a></div>
          <span class="list-side">{one.time ? <When time={one.time} /> : null}</span>
        </li>
      ))}
    </ol>
  );
}

export function ArticlePage({ id }: { id: string }): JSX.Element {
  const loaded = useLoaded(id, async stop => {
    const [found, html] = await Promise.all([fetchArticle(id, stop), articleContent(id, stop)]);
    return { found, html };
  });
  if (loaded.failure) return <><Heading title="Article" /><Failure error={loaded.failure} what="This article cannot be shown." retry={loaded.again} /></>;
  if (!loaded.value) return <><Heading title="Article" /><Waiting what="Reading the article …" /></>;
  const { found, html } = loaded.value;
  return (
    <article>
      <nav class="crumbs" aria-label="Where this is">
        <a href="/console/knowledge">Folders</a>
        {found.folder.path.split('/').map((name, index, all) => {
          const path = all.slice(0, index + 1).join('/');
          return <span key={path}> / <a href={`/console/knowledge?folder=${encodeURIComponent(path)}`}>{name}</a></span>;
        })}
      </nav>
      <Heading title={found.name} />
      <ArticleFrame article={found} html={html} />
      <Attachments article={found} />
      <section aria-labelledby="about"><h2 id="about">About this article</h2><Facts article={found} /></section>
      <section aria-labelledby="history"><h2 id="history">History</h2><History id={id} /></section>
    </article>
  );
}
