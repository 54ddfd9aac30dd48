import type { ComponentChild } from 'preact';
import type { Block, Figure, Inline, Source } from '../core/protocol/item.ts';
import type { ViewContext } from './context.ts';
import { PlainPicture } from './figure.tsx';
import { ownLanguage, pageLanguage } from './language.ts';
import { registersIn, sheetId } from './paper.tsx';

interface Tree {
  readonly v: ViewContext;
  /** Of the text. */
  readonly lang: string;
  /** In the order in which they are numbered. */
  readonly sources: readonly Source[];
  readonly registers: readonly Block[];
  /** What stands for a picture; the browser's own where it is not told. */
  readonly picture?: ((figure: Figure) => ComponentChild) | undefined;
}

/** Addresses we follow; anything else stays plain text, since a tree may come from a newer or a hostile writer. */
function address(v: ViewContext, href: string): string | undefined {
  if (/^(?:https:\/\/|tel:)\S+$/i.test(href)) return href;
  return /^[a-z0-9][a-z0-9-]*$/.test(href) ? `/${v.lang}/${href}` : undefined;
}

function cite({ v, lang, sources }: Tree, id: string): ComponentChild {
  const index = sources.findIndex((source) => source.id === id);
  if (index < 0) return null;
  const number = v.formatters.number(index + 1);
  return (
    <sup>
      <a href={`#s-${id}`} aria-label={v.t('item.cite', { number })} lang={pageLanguage(v, lang).lang}>
        {number}
      </a>
    </sup>
  );
}

function inline(tree: Tree, node: Inline): ComponentChild {
  if (typeof node === 'string') return node;
  switch (node.t) {
    case 'b':
      return <b>{inlines(tree, node.c)}</b>;
    case 'i':
      return <i>{inlines(tree, node.c)}</i>;
    case 'a': {
      const href = address(tree.v, node.href);
      return href === undefined ? inlines(tree, node.c) : <a href={href}>{inlines(tree, node.c)}</a>;
    }
    case 'cite':
      return cite(tree, node.s);
    default:
      return null;
  }
}

function inlines(tree: Tree, nodes: readonly Inline[]): ComponentChild[] {
  return nodes.map((node) => inline(tree, node));
}

function table(tree: Tree, { head, rows }: Extract<Block, { t: 'table' }>): ComponentChild {
  return (
    // Focusable, so that a keyboard can scroll what does not fit. Its label is in the page's words; its direction stays the table's, which begins at its
    // own first column.
    <section
      class="scroll"
      tabindex={0}
      aria-label={tree.v.t('item.table')}
      lang={pageLanguage(tree.v, tree.lang).lang}
    >
      <table lang={ownLanguage(tree.v, tree.lang).lang}>
        <thead>
          <tr>
            {head.map((cell) => (
              <th scope="col">{inlines(tree, cell)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td>{inlines(tree, cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A paper register by its worked example; the empty form is at the end of the item, for paper only. */
function register({ v, lang, registers }: Tree, node: Extract<Block, { t: 'register' }>): ComponentChild {
  const { title, columns, example, lines } = node;
  return (
    <figure class="register">
      <figcaption>
        <b>{title}</b>
        <small {...pageLanguage(v, lang)}>{v.t('item.register', { count: lines })}</small>
      </figcaption>
      {example.length > 0 && (
        <section class="scroll" tabindex={0} aria-label={title}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th scope="col">{column}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {example.map((cells) => (
                <tr>
                  {cells.map((cell) => (
                    <td dir="auto">{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <button type="button" class="act print" data-sheet={sheetId(registers.indexOf(node))} {...pageLanguage(v, lang)}>
        {v.t('print.register')}
      </button>
    </figure>
  );
}

function block(tree: Tree, node: Block): ComponentChild {
  switch (node.t) {
    case 'h':
      return node.l === 2 ? <h2>{inlines(tree, node.c)}</h2> : <h3>{inlines(tree, node.c)}</h3>;
    case 'p':
      return <p>{inlines(tree, node.c)}</p>;
    case 'ul':
    case 'ol': {
      const List = node.t;
      return (
        <List>
          {node.c.map((entry) => (
            <li>{inlines(tree, entry)}</li>
          ))}
        </List>
      );
    }
    case 'table':
      return table(tree, node);
    case 'formula':
      return (
        <div class="formula" dir="auto">
          {node.lines.map((line) => (
            <div>{line}</div>
          ))}
        </div>
      );
    case 'register':
      return register(tree, node);
    case 'figure':
      return (
        <figure class="picture">
          {tree.picture ? tree.picture(node) : <PlainPicture figure={node} />}
          {node.c.length > 0 && <figcaption>{inlines(tree, node.c)}</figcaption>}
        </figure>
      );
    case 'note':
      return (
        <div role="note" class={node.k === 'unsure' ? 'aside unsure' : 'aside'}>
          <b {...pageLanguage(tree.v, tree.lang)}>{tree.v.t(node.k === 'unsure' ? 'item.unsure' : 'item.note')}</b>
          {node.c.map((child) => block(tree, child))}
        </div>
      );
    default:
      // A node of a later version: left out, so that this page can still show the rest.
      return null;
  }
}

interface BlocksProps extends Omit<Tree, 'registers'> {
  readonly blocks: readonly Block[];
}

/** An item's tree as elements and text nodes; no HTML is ever read. */
export function Blocks({ blocks, ...rest }: BlocksProps) {
  const tree = { ...rest, registers: registersIn(blocks) };
  return <>{blocks.map((node) => block(tree, node))}</>;
}
