// The frame around every page: who is signed in, where one can go, and which page is shown.

import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { here, parts } from './router';
import { lastName, session, signOut } from './session';
import { chooseTheme, theme, type Theme } from './theme';
import { Announcer, Empty, Failure, Heading, Icon, Waiting } from './ui';
import { SignIn } from './pages/sign_in';
import { JobsPage } from './pages/jobs';

type Loader<P> = () => Promise<ComponentType<P>>;

/** A page whose code is fetched when it is first shown. */
function later<P extends object>(load: Loader<P>): (props: P) => JSX.Element {
  let loaded: ComponentType<P> | undefined;
  return (props: P) => {
    const [, redraw] = useState(0);
    const [error, setError] = useState<unknown>();
    useEffect(() => {
      if (!loaded) load().then(page => { loaded = page; redraw(1); }, setError);
    }, []);
    if (error) return <Failure error={error} what="This page could not be loaded. The server may have been updated." retry={() => location.reload()} />;
    const Page = loaded as ComponentType<object> | undefined;
    return Page ? <Page {...props} /> : <Waiting what="Loading …" />;
  };
}

const JobPage = later<{ id: string; view: 'findings' | 'items' | 'log' }>(async () => (await import('./pages/job')).JobPage);
const FindingPage = later<{ id: string; sequence: number }>(async () => (await import('./pages/finding')).FindingPage);
const DifferencePage = later<{ id: string; item: number }>(async () => (await import('./pages/difference')).DifferencePage);
const NewImport = later(async () => (await import('./pages/new_import')).NewImport);
const Knowledge = later(async () => (await import('./pages/knowledge')).Knowledge);
const ArticlePage = later<{ id: string }>(async () => (await import('./pages/article')).ArticlePage);
const SearchPage = later(async () => (await import('./pages/search')).SearchPage);
const ServerPage = later(async () => (await import('./pages/server')).ServerPage);
const RulesPage = later<{ code?: string }>(async () => (await import('./pages/rules')).RulesPage);

function page(): JSX.Element {
  const [area = 'jobs', id, view, sequence] = parts();
  switch (area) {
    case 'jobs':
      if (!id) return <JobsPage />;
      if (view === 'findings' && sequence) return <FindingPage key={`${id}/${sequence}`} id={id} sequence={Number(sequence)} />;
      if (view === 'items' && sequence) return <DifferencePage key={`${id}/${sequence}`} id={id} item={Number(sequence)} />;
      return <JobPage key={id} id={id} view={view === 'log' || view === 'items' ? view : 'findings'} />;
    case 'new':
      return <NewImport />;
    case 'knowledge':
      return <Knowledge />;
    case 'articles':
      return <ArticlePage key={id} id={id ?? ''} />;
    case 'search':
      return <SearchPage />;
    case 'server':
      return <ServerPage />;
    default:
      return (
        <>
          <Heading title="There is no such page" />
          <Empty title="The address leads nowhere."><p><a href="/console/jobs">Go to the jobs</a></p></Empty>
        </>
      );
  }
}

const NAV = [
  ['jobs', 'Jobs', 'jobs'],
  ['new', 'New import', 'add'],
  ['knowledge', 'Knowledge', 'book'],
  ['search', 'Search', 'search'],
  ['server', 'Server', 'server'],
] as const;

function Navigation(): JSX.Element {
  const [area = 'jobs'] = parts();
  const current = area === 'articles' ? 'knowledge' : area;
  const outside = here.value.pathname.startsWith('/docs');
  return (
    <nav class="nav" aria-label="Main">
      <ul>
        {NAV.map(([to, text, icon]) => (
          <li key={to}>
            <a href={`/console/${to}`} aria-current={!outside && current === to ? 'page' : undefined}><Icon name={icon} /><span>{text}</span></a>
          </li>
        ))}
        <li class="nav-apart"><a href="/docs"><Icon name="docs" /><span>API</span></a></li>
      </ul>
    </nav>
  );
}

const ThemeChoice = (): JSX.Element => (
  <label class="theme-choice">
    <span class="visually-hidden">Colours</span>
    <Icon name="sun" />
    <select value={theme.value} onChange={event => chooseTheme(event.currentTarget.value as Theme)}>
      <option value="system">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  </label>
);

export function App(): JSX.Element {
  const inside = session.value !== null;
  const rules = /^\/docs\/rules\/?([a-z-]*)$/.exec(here.value.pathname);
  const open = rules !== null;
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <div class={`shell${inside || open ? '' : ' outside'}`}>
        <header class="bar">
          <a class="brand" href="/console">Waybill</a>
          <ThemeChoice />
          {inside ? (
            <div class="account">
              <span class="account-name" title={lastName.value}>{lastName.value}</span>
              <button type="button" class="button quiet" onClick={() => signOut()}><Icon name="out" /><span>Sign out</span></button>
            </div>
          ) : null}
        </header>
        {inside || open ? <Navigation /> : null}
        <main id="main" tabIndex={-1}>
          {rules ? <RulesPage key={rules[1]} {...(rules[1] ? { code: rules[1] } : {})} /> : inside ? page() : <SignIn />}
        </main>
      </div>
      <Announcer />
    </>
  );
}
