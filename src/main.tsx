import { effect } from '@preact/signals';
import { render } from 'preact';
import './view/styles/page.css';
// What two of the parts share is here: parts know where the entry is, and not each other (scripts/name-files.mjs).
import './core/carry/code-link.ts';
import './core/protocol/near.ts';
import './core/text/speech.ts';
import './ui/media/fit.ts';
import './view/size.ts';
import { isStatic } from './core/api/hosting.ts';
import type { LibraryView } from './core/api/worker-api.ts';
import { AnswersScreen } from './ui/answer/answers-screen.tsx';
import { takeOver } from './ui/answer/take-over.ts';
import { addLetters } from './ui/letters/letters.ts';
import { parseRoute } from './ui/route.ts';
import { App } from './ui/shell/app.ts';
import { GoneLine } from './ui/shell/gone-line.tsx';
import { isKept } from './ui/shell/kept-pages.ts';
import { LinkIsland, NewsLine } from './ui/shell/link-island.tsx';
import { followLinks } from './ui/shell/links.ts';
import { Notices } from './ui/shell/notices.tsx';
import { followReading, readingOf } from './ui/shell/reading.ts';
import { followTheme } from './ui/shell/settings.ts';
import { LazyNetwork, Shell } from './ui/shell/shell.tsx';
import { contextFor, startLanguage, wordsOf } from './ui/strings.ts';
import { readAloud } from './ui/voice/aloud.ts';

/** Entry of the page: islands on a plain page, the whole page in the shell. */
const root = document.documentElement;
/** The publisher's pages carry their text; the shell carries nothing. */
const isPlain = document.getElementById('main') !== null;

followTheme(root);

const start = async (): Promise<void> => {
  const lang = isPlain ? (root.dataset.lang ?? root.lang) : parseRoute(location.pathname, startLanguage()).lang;
  const app = new App(
    await contextFor(lang),
    () => clearScreen(),
    (path) => canOpen(path),
  );

  let isShell = false;
  /** Of the language that is being read. */
  let library: LibraryView | undefined;
  const reading = readingOf(app);
  // Over a plain page only what the store has is opened inside the app; anything else is the browser's.
  const canOpen = (path: string): boolean => !isPlain || isKept(library, reading.value, path);
  /** From here on the device renders the page; the publisher's text goes. */
  const enterShell = (): void => {
    if (isShell) return;
    isShell = true;
    for (const end of islands.splice(0)) end();
    document.body.replaceChildren();
    render(<Shell app={app} />, document.body);
  };
  const clearScreen = (): void => {
    for (const form of document.forms) form.reset();
    for (const audio of document.querySelectorAll('audio')) {
      audio.pause();
      audio.currentTime = 0;
    }
    const home = `/${app.context.value.lang}/`;
    if (canOpen(home)) void app.go(home, { replace: true });
    else if (isShell) location.replace(home);
    // A plain page whose library is not here yet has nothing else to show.
    else scrollTo(0, 0);
  };

  const islands = isPlain ? mountIslands(app) : [];
  if (isPlain) app.onEnter(enterShell);
  else enterShell();
  followLinks(app, canOpen);
  // Buttons that need a script are there from now on, and not before: a tap on them would be lost.
  root.dataset.script = '';
  // Back to a page that was left: whoever comes back may be somebody else.
  addEventListener('pageshow', (event) => event.persisted && app.session.end());

  // Letters, fonts and voices come last: on a first visit they would hold up what makes the page open without a link.
  let isLater = false;
  const comeLater = (): void => {
    if (isLater) return;
    isLater = true;
    const parts = import('./ui/parts.ts');
    // Asked for again with the next news of the library.
    parts.catch(() => {
      isLater = false;
    });
    void parts.then(({ fonts }) => fonts.startFonts(app)).catch(() => {});
    // The code of the address is ready when somebody prints by the browser's own menu.
    // In the app each screen brings the words that it needs.
    void Promise.all([parts, isPlain && !isShell && app.learn()]).then(
      ([{ followPrints }]) => followPrints(() => app.context.value),
      () => {},
    );
    if (isPlain && !isShell) islands.push(...mountLater(app));
  };
  // On plain http the pages stay what they are: text and forms.
  if (!app.client.canStore) return comeLater();
  // Whoever comes back has all of it: letters that were taken are needed to read at all.
  if (navigator.serviceWorker?.controller) comeLater();
  await app.shell.start();
  app.client.start(lang);
  // What only this phone knows is told as soon as it can be. After the start, since it asks the store at once.
  const { page } = parseRoute(location.pathname, lang);
  const isOwn = page === 'answers' || page === 'network' || page === 'carry';
  const section = isPlain && !isShell && isOwn ? document.querySelector('#main > section') : null;
  if (section && isOwn) {
    const holder = document.createElement('div');
    section.replaceWith(holder);
    render(page === 'answers' ? <AnswersScreen app={app} /> : <LazyNetwork app={app} page={page} />, holder);
    islands.push(() => render(null, holder));
  }
  effect(() => {
    const { value } = app.shell.cost;
    if (value.requests === 0) return;
    app.shell.cost.value = { down: 0, requests: 0 };
    app.client.spent(value);
  });
  followReading(app, reading, (view) => {
    library = view;
  });
  effect(() => {
    if (app.shell.state.value !== 'ready' || !app.client.status.value?.whole) return;
    const lang = wordsOf(app.context.value.lang);
    void app.client.mayFetchApp().then((may) => app.shell.warm(lang, may));
  });
  effect(() => {
    if (app.client.status.value?.needsUpdate) void app.shell.look();
  });
  effect(() => {
    const saved = app.shell.words.value.has(wordsOf(app.context.value.lang));
    if (saved) void app.speakOwn();
    const { value: shell } = app.shell.state;
    // Saved or not, there is nothing to wait for.
    if (shell === 'failed' || shell === 'none') comeLater();
    if (shell !== 'ready' || !saved || !app.client.status.value?.whole) return;
    // Tests and benches wait for it: the app is saved, in control, and the library is the signed one.
    root.dataset.offline = 'ready';
    void app.shell.wakeDaily();
    comeLater();
  });
};

/** What a plain page gets once nothing that matters more is on its way: letters above its form, and a voice. */
const mountLater = (app: App): (() => void)[] => [
  addLetters(app, document.querySelectorAll('form#answer textarea')),
  readAloud(app, document.querySelector('article')),
];

/** Live parts of a plain page. Its text and its form stay as they are. */
const mountIslands = (app: App): (() => void)[] => {
  const ends: (() => void)[] = [];
  const island = (holder: Element | null, part: preact.ComponentChild): void => {
    if (!holder) return;
    holder.replaceChildren();
    render(part, holder);
    ends.push(() => render(null, holder));
  };
  island(document.getElementById('link'), <LinkIsland app={app} />);
  island(document.getElementById('news'), <NewsLine app={app} />);
  const added = (): HTMLElement => document.createElement('div');
  const [notices, gone] = [added(), added()];
  document.getElementById('main')?.prepend(notices);
  island(notices, <Notices app={app} />);
  document.body.append(gone);
  island(gone, <GoneLine app={app} />);
  const form = document.querySelector<HTMLFormElement>('form#answer');
  // Where nothing takes an answer and nothing keeps it, the form goes on to say so.
  if (form && (!isStatic || app.client.canStore)) {
    const v = app.context.value;
    const { lang } = v;
    const title = document.querySelector('h1')?.textContent ?? '';
    const onSent = (): void => void app.go(`/${lang}/-/answers`, { justSent: true });
    ends.push(takeOver(form, { session: app.session, service: app.answers, t: v.t, title, onSent }));
  }
  return ends;
};

void start();
