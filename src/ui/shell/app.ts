import { signal } from '@preact/signals';
import type { ComponentChild } from 'preact';
import { Client } from '../../client/client.ts';
import { AppShell } from '../../client/service-worker.ts';
import type { ViewContext } from '../../view/context.ts';
import { AnswerService } from '../answer/answer-service.ts';
import { Session } from '../answer/session.ts';
import { parseRoute, type Route } from '../route.ts';
import { contextFor, unwantLater, wantLater, wordsOf } from '../strings.ts';

/** What every part of the interface shares: made once, in `main.tsx`. */
export class App {
  readonly client = new Client();
  readonly shell = new AppShell();
  readonly session: Session;
  readonly answers: AnswerService;
  readonly route;
  /** Words in the language of the route. */
  readonly context;
  /** The library's files were refused or the pin did not match: what the person decided about it. */
  readonly dismissed = signal<ReadonlySet<string>>(new Set());
  /** What a part of the app that comes later has to say, where nothing more important is said. */
  readonly offer = signal<ComponentChild>(null);
  #enter: (() => void) | undefined;
  /** What is shown: a jump inside the page (`#answer`) is a `popstate` too, and changes nothing. */
  #path = location.pathname;

  /** `canOpen`: whether the device has what stands at a path. */
  constructor(context: ViewContext, onSessionEnd: () => void, canOpen: (path: string) => boolean) {
    this.context = signal(context);
    // The publisher's page has its own language, whatever words came for what is added to it.
    if (!document.getElementById('main')) this.#speak();
    const route = parseRoute(location.pathname, context.lang);
    // The centre's page for an address that is none stands in a language of its own.
    this.route = signal<Route>(route.lang === context.lang ? route : { page: 'unknown', lang: context.lang });
    this.session = new Session(onSessionEnd);
    this.answers = new AnswerService(this.client, this.shell);
    addEventListener('popstate', () => {
      if (location.pathname === this.#path) return;
      // Back to a page that only the centre has.
      if (!canOpen(location.pathname)) return location.reload();
      this.session.dropUndo();
      this.session.justSent.value = undefined;
      void this.#follow();
    });
  }

  /** `enter` renders the app over the plain page: called at the first navigation inside the app. */
  onEnter(enter: () => void): void {
    this.#enter = enter;
  }

  /** Goes to another address without loading a page. */
  async go(path: string, { replace = false, justSent = false } = {}): Promise<void> {
    this.session.stir();
    this.session.dropUndo();
    if (!justSent) this.session.justSent.value = undefined;
    if (replace) history.replaceState(null, '', path);
    else if (path !== location.pathname) history.pushState(null, '', path);
    await this.#follow();
    scrollTo(0, 0);
    document.getElementById('main')?.focus({ preventScroll: true });
  }

  async #follow(): Promise<void> {
    const path = location.pathname;
    this.#path = path;
    const route = parseRoute(path, this.context.value.lang);
    if (route.lang !== this.context.value.lang) {
      this.client.want(route.lang);
      // No words at all: the old ones stay, the text is shown all the same.
      const context = await contextFor(route.lang).catch(() => this.context.value);
      // Somebody went on meanwhile.
      if (this.#path !== path) return;
      this.context.value = context;
    }
    this.#show(route);
  }

  /**
   * Speaks the words of the route's language once they are here, where French stood in for them; or those that were chosen since. Words that cannot come
   * leave those that are spoken; `all`: unless these lack what comes later, of which French has all.
   */
  async speakOwn({ all = false } = {}): Promise<void> {
    const { lang } = this.context.value;
    this.#choice++;
    const choice = this.#choice;
    const context = await contextFor(lang);
    // Somebody went on, or chose again, meanwhile.
    if (this.context.value.lang !== lang || choice !== this.#choice) return;
    // Once they are saved they are asked for again.
    if (!all && context.words !== wordsOf(lang) && this.context.value.words !== 'fr') return;
    this.context.value = context;
    if (this.#enter === undefined) this.#speak();
  }

  #choice = 0;
  #learning: Promise<void> | undefined;

  /** Brings the words that parts of the app need which come later. Rejects where they do not come. */
  learn(): Promise<void> {
    this.#learning ??= (wantLater() ? this.speakOwn({ all: true }) : Promise.resolve()).catch((error: unknown) => {
      this.#learning = undefined;
      unwantLater();
      throw error;
    });
    return this.#learning;
  }

  /** The language of this address is none of the library's: says so in `lang`. */
  async lose(lang: string): Promise<void> {
    const path = this.#path;
    this.client.want(lang);
    const context = await contextFor(lang).catch(() => this.context.value);
    if (this.#path !== path) return;
    this.context.value = context;
    this.#show({ page: 'unknown', lang });
  }

  #show(route: Route): void {
    this.route.value = route;
    this.#enter?.();
    this.#enter = undefined;
    this.#speak();
  }

  /** The shell that every page loads speaks no language of its own. */
  #speak(): void {
    const { words, dir } = this.context.value;
    document.documentElement.lang = words;
    document.documentElement.dir = dir;
  }

  dismiss(what: string): void {
    this.dismissed.value = new Set([...this.dismissed.value, what]);
  }
}
