import type { Context, Hono } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import type { ComponentChildren, VNode } from 'preact';
import { damagedAnswers } from '../../src/core/carry/take.ts';
import { codeOf, RelaisError } from '../../src/core/errors.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { COMPLETE } from '../../src/i18n/words.ts';
import { CarryChoices, CarryHand, CarryLines, shelfText } from '../../src/view/carry-parts.tsx';
import { aboutFile } from '../../src/view/carry-refusal.ts';
import type { ViewContext } from '../../src/view/context.ts';
import { hubRefusedWords } from '../../src/view/hub-refusal.ts';
import { withArchive } from '../carry/archive-file.ts';
import { boundaryOf, partsOfForm, textOf } from '../carry/multipart.ts';
import { lookOut, outOfMirror } from '../carry/out.ts';
import { type NextPart, passOver, type ReceivedFiles } from '../carry/receive.ts';
import { archiveReply, type Refusal, refusalOf } from '../carry/reply.ts';
import { type MirrorTaken, takeAtMirror } from '../carry/take-in.ts';
import type { Config, Upstream } from '../config.ts';
import type { AnswerDesk } from '../hub/desk.ts';
import { pickLanguage } from '../hub/language.ts';
import { CodeDoor, type CodeRefusal } from '../hub/operator-code.ts';
import { readLimited, sameSite } from '../hub/security.ts';
import type { Log } from '../log.ts';
import { viewContext } from '../publish/site.ts';
import type { MirrorStores } from './open-mirror.ts';

/**
 * What `npm run carry` does at a hub in between, as plain forms: `/hub/stick`. It knows no sessions, so the code goes along each time: a file has
 * answers that wait, and the ids of their devices.
 */
export interface StickPorts {
  readonly config: Config;
  readonly appDir: string;
  readonly upstream: Upstream;
  readonly stores: MirrorStores;
  readonly desk: AnswerDesk;
  /** What the operator types. */
  readonly code: string;
  readonly received: ReceivedFiles;
  readonly log: Log;
  /** A whole page around its middle. */
  readonly page: (context: Context, v: ViewContext, body: VNode, status: StatusCode) => Response;
}

/** Milliseconds that a person waits for a hub that has news under way. */
const LONGEST_WAIT_MS = 15_000;
/** A code and the names of languages. */
const MAX_FORM = 16 * 1024;
const MAX_CODE = 1024;
const LIMITED_SECONDS = 60;

export const stickPages = (app: Hono, ports: StickPorts): void => {
  const { config, stores, received, log } = ports;
  const { dataDir } = config;
  const door = new CodeDoor(ports.code);

  const show = (context: Context, status: StatusCode, said?: (v: ViewContext) => ComponentChildren): Response => {
    const v = viewContext(pickLanguage(context.req.header('accept-language') ?? '', COMPLETE));
    const body = <StickPage v={v} ports={ports} said={said?.(v)} />;
    if (status === 429) context.header('Retry-After', String(LIMITED_SECONDS));
    return ports.page(context, v, body, status);
  };
  const refused = (context: Context, why: CodeRefusal): Response =>
    why === 'wait'
      ? show(context, 429, (v) => <CarryHand v={v}>{v.t('inbox.wait', { count: LIMITED_SECONDS })}</CarryHand>)
      : show(context, 401, (v) => <CarryHand v={v}>{v.t('inbox.wrongCode')}</CarryHand>);
  /** Why a code opens nothing. */
  const refusalBy = async (typed: string | undefined): Promise<CodeRefusal | undefined> => {
    const why = await door.refusalOf(typed ?? '');
    if (why) log('warn', why === 'wait' ? 'carry.limited' : 'carry.code');
    return why;
  };

  app.get('/hub/stick', (context) => show(context, 200));

  app.post('/hub/stick/out', sameSite, async (context) => {
    const form = new URLSearchParams(new TextDecoder().decode(await readLimited(context, MAX_FORM)));
    const why = await refusalBy(form.get('code')?.slice(0, MAX_CODE));
    if (why) return refused(context, why);
    const here = lookOut(dataDir, stores.blobs.folder).shelves.map(({ lang }) => lang);
    if (here.length === 0) return show(context, 409, (v) => <CarryHand v={v}>{v.t('carry.empty')}</CarryHand>);
    const wish = { shelves: form.getAll('shelf').filter((name) => here.includes(name)), media: form.has('media') };
    return archiveReply(outOfMirror({ dataDir, ...stores }, wish), log);
  });

  /** Why a file was refused: for the box's own log, and the log on its page. */
  const noted = (error: unknown, file: string | undefined): Refusal => {
    const refusal = refusalOf(error, log, file);
    stores.store.noteRefusal(refusal);
    return refusal;
  };

  /** Takes the file in a form, whose code stands before it. `onFile`: the code is right, and the file has this name. */
  const takeForm = async (
    next: NextPart,
    type: string,
    announced: number | undefined,
    onFile: (name: string | undefined) => void,
  ): Promise<MirrorTaken | CodeRefusal> => {
    const boundary = boundaryOf(type);
    if (boundary === undefined) throw new RelaisError('malformed', { what: 'form' });
    let code: string | undefined;
    for await (const part of partsOfForm(next, boundary)) {
      if (part.name === 'code' && !part.isFile) {
        code = await textOf(part, MAX_CODE);
        continue;
      }
      // Nothing of what a form of ours does not have is read through.
      if (part.name !== 'file' || !part.isFile) break;
      const why = await refusalBy(code);
      if (why) return why;
      onFile(part.fileName);
      const at = { ...ports, platform: webPlatform, dataDir, longestWait: LONGEST_WAIT_MS };
      return await received.take(part.next, announced, (path) =>
        withArchive(path, (archive) => takeAtMirror(at, archive)),
      );
    }
    throw new RelaisError('malformed', { what: 'no file' });
  };

  app.post('/hub/stick/in', sameSite, async (context) => {
    const next = received.partsOf(context.req.raw.body);
    const announced = Number(context.req.header('content-length')) || undefined;
    /** Whoever has not typed the code writes no lines into the page's log. */
    let opened: { readonly name: string | undefined } | undefined;
    try {
      const taken = await takeForm(next, context.req.header('content-type') ?? '', announced, (name) => {
        opened = { name };
      });
      // A browser shows no page before it has sent all.
      await passOver(next);
      if (typeof taken === 'string') return refused(context, taken);
      const name = opened?.name;
      const { library, answers, receipts, failure } = taken;
      const { fresh = 0, known = 0, refused: others = 0, damaged } = answers ?? {};
      const { changed = 0, media = 0 } = library ?? {};
      log('info', 'carry.in', { changed, media, fresh, known, refused: others, receipts });
      if (damaged !== undefined) noted(damagedAnswers(damaged), name);
      const problem = failure === undefined ? undefined : noted(failure, name);
      return show(context, problem?.status ?? 200, (v) => <Taken v={v} taken={taken} problem={problem} name={name} />);
    } catch (error) {
      const { code, status, refused: what } = opened ? noted(error, opened.name) : refusalOf(error, log);
      if (codeOf(error, 'storage') !== 'no-link') await passOver(next);
      return show(context, status, (v) => <CarryHand v={v}>{hubRefusedWords(v, code, what)}</CarryHand>);
    }
  });
};

interface TakenProps {
  readonly v: ViewContext;
  readonly taken: MirrorTaken;
  readonly problem: Refusal | undefined;
  /** What the file is called. */
  readonly name: string | undefined;
}

function Taken({ v, taken: { library, answers, receipts }, problem, name }: TakenProps) {
  const { fresh = 0, known = 0, refused = 0, isDamaged = false, damaged } = answers ?? {};
  const { changed = 0, media = 0, missing = [] } = library ?? {};
  const lines = [
    ...(changed > 0 ? [v.t('carry.items', { count: changed })] : []),
    ...(media > 0 ? [v.t('carry.pictures', { count: media })] : []),
    ...(receipts > 0 ? [v.t('carry.arrived', { count: receipts })] : []),
    ...(fresh > 0 ? [v.t('carry.passed', { count: fresh })] : []),
  ];
  if (lines.length === 0 && !problem && !isDamaged && refused === 0) lines.push(v.t('carry.nothing'));
  if (known > 0) lines.push(v.t('inbox.stick.known', { count: known }));
  // What holds the library up is another page's or the hub's own work.
  const why =
    problem?.code === 'busy' ? v.t('carry.busy') : problem && hubRefusedWords(v, problem.code, problem.refused);
  return (
    <>
      <CarryLines v={v} lines={lines} />
      {missing.length > 0 && (
        <p>{v.t('inbox.stick.missing', { languages: missing.map((name) => shelfText(name)).join(', ') })}</p>
      )}
      {refused > 0 && <CarryHand v={v}>{v.t('carry.elsewhere', { count: refused })}</CarryHand>}
      {isDamaged && <CarryHand v={v}>{aboutFile({ name, part: damaged }, v.t('inbox.stick.damaged'))}</CarryHand>}
      {why && <CarryHand v={v}>{why}</CarryHand>}
    </>
  );
}

interface StickPageProps {
  readonly v: ViewContext;
  readonly ports: StickPorts;
  /** What came of the form that was sent. */
  readonly said: ComponentChildren;
}

function StickPage({ v, ports: { config, stores }, said }: StickPageProps) {
  const { shelves, media } = lookOut(config.dataDir, stores.blobs.folder);
  const { waiting } = stores.held.counts();
  return (
    <section class="more">
      <h1>{v.t('carry.title')}</h1>
      {said ? <div role="status">{said}</div> : <p>{v.t('inbox.stick.intro')}</p>}
      <form method="post" action="/hub/stick/in" enctype="multipart/form-data" class="more">
        {/* Before the file: without the right code nothing of it is kept. */}
        <CodeField v={v} id="code-in" />
        <div class="words">
          <label for="file">{v.t('inbox.stick.file')}</label>
          <input id="file" name="file" type="file" accept=".zip,.txt" required aria-describedby="file-hint" />
          <small id="file-hint">{v.t('carry.takeHint')}</small>
        </div>
        <button type="submit" class="act go">
          {v.t('carry.take')}
        </button>
      </form>
      <h2>{v.t('carry.copy')}</h2>
      {shelves.length === 0 && <p>{v.t('carry.empty')}</p>}
      {shelves.length > 0 && (
        <form method="post" action="/hub/stick/out" class="more">
          <CarryChoices
            v={v}
            legend={v.t('inbox.stick.languages')}
            shelves={shelves}
            mediaBytes={media}
            chosen={new Set(shelves.map(({ lang }) => lang))}
            media
          />
          {waiting > 0 && <p>{v.t('carry.answers', { count: waiting })}</p>}
          <CodeField v={v} id="code-out" />
          <button type="submit" class="act">
            {v.t('carry.save')}
          </button>
        </form>
      )}
      <a class="act" href="/hub">
        {v.t('inbox.stick.back')}
      </a>
    </section>
  );
}

function CodeField({ v, id }: { readonly v: ViewContext; readonly id: string }) {
  return (
    <div class="words">
      <label for={id}>{v.t('inbox.stick.code')}</label>
      <input
        id={id}
        name="code"
        type="text"
        dir="ltr"
        required
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        aria-describedby={`${id}-hint`}
      />
      <small id={`${id}-hint`}>{v.t('inbox.codeHint')}</small>
    </div>
  );
}
