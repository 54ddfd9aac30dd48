import type { Block, LibraryItem } from '../core/protocol/item.ts';
import type { ViewContext } from './context.ts';
import { pageLanguage } from './language.ts';
import { reviewed } from './sources.tsx';

/**
 * What only paper has. It is in every page, so that a browser without scripts prints it too; on the screen it is not shown. The printing itself and the
 * code are `ui/paper/print.ts`.
 */
type Register = Extract<Block, { readonly t: 'register' }>;

/** The registers of a text, those in call-outs among them, in their order. */
export const registersIn = (blocks: readonly Block[]): readonly Register[] =>
  blocks.flatMap((block) => (block.t === 'register' ? [block] : block.t === 'note' ? registersIn(block.c) : []));

export const sheetId = (index: number): string => `sheet-${index + 1}`;

/** More columns than this need the long side of the paper. */
const UPRIGHT_COLUMNS = 7;

interface FootProps {
  readonly v: ViewContext;
  readonly item: LibraryItem;
  readonly centre: string;
}

/** Where a sheet on the wall comes from, in a line. A script adds the day, the address, and its code. */
export function PaperFoot({ v, item, centre }: FootProps) {
  const facts = [centre, item.licence, v.t('print.version', { rev: item.rev }), reviewed(v, item.review)];
  return (
    <div class="paper" {...pageLanguage(v, item.lang)}>
      <p>
        {facts.filter(Boolean).join(' · ')}
        <bdi id="printed" />
      </p>
      <div id="qr" />
    </div>
  );
}

interface SheetsProps {
  readonly v: ViewContext;
  readonly item: LibraryItem;
  readonly centre: string;
}

/** Each register as an empty form to print: no example on it, lines to write on, and the heads on every page. */
export function RegisterSheets({ v, item, centre }: SheetsProps) {
  return (
    <>
      {registersIn(item.body).map(({ title, columns, lines }, index) => (
        <table key={title} id={sheetId(index)} class={columns.length > UPRIGHT_COLUMNS ? 'sheet wide' : 'sheet'}>
          <thead>
            <tr>
              <td colSpan={columns.length}>
                <h2>{title}</h2>
                <p class="blanks" {...pageLanguage(v, item.lang)}>
                  <span>{v.t('print.centre', { centre })}</span>
                  <span>{v.t('print.month')}</span>
                  <span>{v.t('print.page')}</span>
                </p>
              </td>
            </tr>
            <tr>
              {columns.map((column) => (
                <th scope="col">{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: lines }, () => (
              <tr>
                {columns.map(() => (
                  <td />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}
