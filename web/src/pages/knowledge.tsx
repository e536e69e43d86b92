import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { article, articles, folders, portals, topics } from '../api';
import { number } from '../format';
import { here } from '../router';
import { announce, Empty, Failure, Heading, Icon, Waiting, When } from '../ui';
import { everyPage, useLoaded } from '../use_loaded';
import type { Article, Folder, Portal, Topic } from '../types';

const MOST = 20_000; // rows of a list that are fetched to find those at the top
const NAMES = 100; // articles of a topic whose names are fetched

const folderLink = (path: string): string => `/console/knowledge?folder=${encodeURIComponent(path)}`;
const topicLink = (path: string): string => `/console/knowledge?view=topics&topic=${encodeURIComponent(path)}`;
const atTop = (path: string): boolean => !path.includes('/');

/** Where one is: every folder or topic on the way is a link. */
function Crumbs({ top, path, link }: { top: { text: string; href: string }; path: string; link: (path: string) => string }): JSX.Element {
  const names = path ? path.split('/') : [];
  return (
    <nav class="crumbs" aria-label="Where this is">
      {path ? <a href={top.href}>{top.text}</a> : <span>{top.text}</span>}
      {names.map((name, index) => {
        const to = names.slice(0, index + 1).join('/');
        return <span key={to}> / {index < names.length - 1 ? <a href={link(to)}>{name}</a> : <span aria-current="location">{name}</span>}</span>;
      })}
    </nav>
  );
}

const articleNumber = (count: number): string => `${number(count)} ${count === 1 ? 'article' : 'articles'}`;

function ArticleRows({ rows }: { rows: Article[] }): JSX.Element {
  return (
    <ul class="list long">
      {rows.map(row => (
        <li key={row.id}>
          <Icon name="file" />
          <div class="list-body">
            <a href={`/console/articles/${row.id}`}>{row.name}</a>
            {row.articleSummary ?? row.description ? <span class="quiet-text">{row.articleSummary ?? row.description}</span> : null}
          </div>
          <span class="list-side"><span class="tag" title="Language">{row.languageCode}</span>{row.attachments ? <span class="tag"><Icon name="clip" />{row.attachments.length}<span class="visually-hidden"> attachments</span></span> : null}</span>
        </li>
      ))}
    </ul>
  );
}

function FolderArticles({ folder }: { folder: string }): JSX.Element {
  const first = useLoaded(folder, stop => articles(folder, undefined, stop));
  const [rest, setRest] = useState<{ rows: Article[]; next: string | undefined }>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => setRest(undefined), [folder]);
  if (first.failure) return <Failure error={first.failure} what="The articles cannot be read." retry={first.again} />;
  if (!first.value) return <Waiting what="Reading the articles …" />;
  const rows = [...first.value.articles, ...(rest?.rows ?? [])];
  const next = rest ? rest.next : first.value.next;
  const more = async (): Promise<void> => {
    try {
      const page = await articles(folder, next);
      setRest({ rows: [...(rest?.rows ?? []), ...page.articles], next: page.next });
      announce(`${page.articles.length} more articles`);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <section aria-labelledby="articles-heading">
      <h2 id="articles-heading">Articles</h2>
      {rows.length > 0 ? <ArticleRows rows={rows} /> : <p class="quiet-text">None lies directly in this folder.</p>}
      {failure ? <Failure error={failure} what="More articles cannot be read." /> : null}
      {next ? <div class="actions"><button type="button" class="button" onClick={() => void more()}>More articles</button></div> : null}
    </section>
  );
}

function Folders({ path }: { path: string }): JSX.Element {
  const below = useLoaded(`folders ${path}`, async stop => {
    const all = await everyPage<Folder>(async after => {
      const page = await folders(path || undefined, after, stop);
      return { rows: page.folders, next: page.next };
    }, MOST);
    return path ? all.rows : all.rows.filter(folder => atTop(folder.path));
  });
  return (
    <>
      <Crumbs top={{ text: 'Folders', href: '/console/knowledge' }} path={path} link={folderLink} />
      {below.failure ? <Failure error={below.failure} what="The folders cannot be read." retry={below.again} /> : !below.value ? <Waiting what="Reading the folders …" /> : below.value.length > 0 ? (
        <ul class="list long">
          {below.value.map(folder => (
            <li key={folder.id}>
              <Icon name="folder" />
              <div class="list-body"><a href={folderLink(folder.path)}>{folder.name}</a>{folder.description ? <span class="quiet-text">{folder.description}</span> : null}</div>
              <span class="list-side">{articleNumber(folder.articleCount)}</span>
            </li>
          ))}
        </ul>
      ) : path ? null : <Empty title="The knowledge base is empty."><p><a href="/console/new">Import a package</a> to fill it.</p></Empty>}
      {path ? <FolderArticles folder={path} /> : null}
    </>
  );
}

/** A topic knows its articles by their ids: the names of the first hundred are fetched, a few at a time. */
function TopicArticles({ topic }: { topic: Topic }): JSX.Element {
  const loaded = useLoaded(topic.id, async stop => {
    const ids = topic.articles.slice(0, NAMES);
    const rows: (Article | undefined)[] = [];
    for (let from = 0; from < ids.length; from += 6) {
      rows.push(...(await Promise.all(ids.slice(from, from + 6).map(id => article(id, stop).catch(() => undefined)))));
    }
    return rows.filter((row): row is Article => row !== undefined);
  });
  if (topic.articleCount === 0) return <p class="quiet-text">No article is linked to this topic itself.</p>;
  return (
    <section aria-labelledby="topic-articles">
      <h2 id="topic-articles">{articleNumber(topic.articleCount)}</h2>
      {loaded.failure ? <Failure error={loaded.failure} what="The articles cannot be read." retry={loaded.again} /> : loaded.value ? <ArticleRows rows={loaded.value} /> : <Waiting what="Reading the articles …" />}
      {topic.articleCount > NAMES ? <p class="quiet-text">The first {NAMES} are shown. Search finds all.</p> : null}
    </section>
  );
}

async function allTopics(stop: AbortSignal): Promise<Topic[]> {
  return (await everyPage<Topic>(async after => {
    const page = await topics(undefined, after, stop);
    return { rows: page.topics, next: page.next };
  }, MOST)).rows;
}

const TopicRows = ({ rows }: { rows: Topic[] }): JSX.Element => (
  <ul class="list long">
    {rows.map(topic => (
      <li key={topic.id}>
        <Icon name="topic" />
        <div class="list-body"><a href={topicLink(topic.path)}>{topic.name}</a>{topic.description ? <span class="quiet-text">{topic.description}</span> : null}</div>
        <span class="list-side">{articleNumber(topic.articleCount)}</span>
      </li>
    ))}
  </ul>
);

function Topics({ path }: { path: string }): JSX.Element {
  const all = useLoaded('topics', allTopics);
  const now = all.value?.find(topic => topic.path === path);
  const below = all.value?.filter(topic => (path ? topic.path.startsWith(`${path}/`) && atTop(topic.path.slice(path.length + 1)) : atTop(topic.path)));
  return (
    <>
      <Crumbs top={{ text: 'Topics', href: '/console/knowledge?view=topics' }} path={path} link={topicLink} />
      {all.failure ? <Failure error={all.failure} what="The topics cannot be read." retry={all.again} /> : !below ? <Waiting what="Reading the topics …" /> : null}
      {path && all.value && !now ? <Empty title="There is no such topic."><p><a href="/console/knowledge?view=topics">See all topics</a></p></Empty> : null}
      {below && below.length > 0 ? <TopicRows rows={below} /> : null}
      {below && below.length === 0 && !path ? <Empty title="There are no topics."><p>A package brings them in its knowledgehub.json.</p></Empty> : null}
      {now ? <TopicArticles topic={now} /> : null}
    </>
  );
}

function Portals(): JSX.Element {
  const loaded = useLoaded('portals', async stop => {
    const [list, named] = await Promise.all([
      everyPage<Portal>(async after => {
        const page = await portals(after, stop);
        return { rows: page.portals, next: page.next };
      }, MOST),
      allTopics(stop),
    ]);
    return { portals: list.rows, topics: new Map(named.map(topic => [topic.id, topic])) };
  });
  if (loaded.failure) return <Failure error={loaded.failure} what="The portals cannot be read." retry={loaded.again} />;
  if (!loaded.value) return <Waiting what="Reading the portals …" />;
  if (loaded.value.portals.length === 0) return <Empty title="There are no portals."><p>A package brings them in its knowledgehub.json.</p></Empty>;
  const { topics: named } = loaded.value;
  return (
    <div class="cards">
      {loaded.value.portals.map(portal => (
        <section class="card" key={portal.id} aria-label={portal.name}>
          <div class="card-head"><h2><Icon name="portal" />{portal.name}</h2></div>
          {portal.description ? <p>{portal.description}</p> : null}
          {portal.topics.length > 0 ? <TopicRows rows={portal.topics.map(id => named.get(id)).filter((topic): topic is Topic => topic !== undefined)} /> : <p class="quiet-text">It shows no topics.</p>}
          <p class="quiet-text">Changed <When time={portal.modified} /></p>
        </section>
      ))}
    </div>
  );
}

export function Knowledge(): JSX.Element {
  const at = here.value.searchParams;
  const view = at.get('view') ?? 'folders';
  const folder = at.get('folder') ?? '';
  const topic = at.get('topic') ?? '';
  const last = (view === 'topics' ? topic : folder).split('/').pop();
  return (
    <>
      <Heading key={view + folder + topic} title={last || 'Knowledge'} />
      <nav class="tabs" aria-label="Of the knowledge base">
        {[['folders', 'Folders', '/console/knowledge'], ['topics', 'Topics', '/console/knowledge?view=topics'], ['portals', 'Portals', '/console/knowledge?view=portals']].map(([name, text, href]) => (
          <a key={name} href={href} aria-current={view === name ? 'page' : undefined}>{text}</a>
        ))}
      </nav>
      {view === 'topics' ? <Topics path={topic} /> : view === 'portals' ? <Portals /> : <Folders path={folder} />}
    </>
  );
}
