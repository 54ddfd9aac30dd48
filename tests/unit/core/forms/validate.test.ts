import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanAnswers, problemsOf } from '../../../../src/core/forms/validate.ts';
import { centreOf, sealLetter } from '../../../../src/core/protocol/envelope.ts';
import type { FormItem } from '../../../../src/core/protocol/item.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { openBox, testForm, testLetter } from '../../../support/fixtures.ts';

const form: FormItem = { ...(testForm('fr') as FormItem), rev: 1 };
const free: FormItem = { ...form, questions: form.questions.map((question) => ({ ...question, required: false })) };

describe('cleanAnswers', () => {
  it('trims, writes line ends as LF, and leaves out what is empty', () => {
    const raw = { helped: ' yes ', words: '\r\n un\r\ndeux\n ', who: '  \t', other: '' };
    expect(cleanAnswers(raw)).toEqual({ helped: 'yes', words: 'un\ndeux' });
  });

  it('puts the sign for it in the place of half an emoji, so that the answer can be sealed', async () => {
    const clean = cleanAnswers({ helped: 'yes', words: 'oui \ud83d', who: '\udc00\ud83d' });
    expect(clean).toEqual({ helped: 'yes', words: 'oui \ufffd', who: '\ufffd\ufffd' });
    const sealed = await sealLetter(webPlatform, centreOf((await openBox()).root), testLetter(clean));
    expect(sealed.size).toBe(1);
    expect(cleanAnswers({ words: '🐪' })).toEqual({ words: '🐪' });
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('helped', 'words'), fc.string({ unit: 'binary' })), (raw) => {
        const once = cleanAnswers(raw);
        expect(cleanAnswers(once)).toEqual(once);
      }),
    );
  });
});

describe('problemsOf', () => {
  it.each([
    ['all is answered', { helped: 'yes', words: 'oui' }, []],
    ['only what has to be', { helped: 'no' }, []],
    ['what has to be is missing', { words: 'oui' }, [{ question: 'helped', why: 'required' }]],
    ['a choice that the form lacks', { helped: 'maybe' }, [{ question: 'helped', why: 'choice' }]],
    ['20 characters', { helped: 'yes', words: 'x'.repeat(20) }, []],
    ['21 characters', { helped: 'yes', words: 'x'.repeat(21) }, [{ question: 'words', why: 'too-long' }]],
    [
      '11 emoji, which are 22 units',
      { helped: 'yes', words: '🐪'.repeat(11) },
      [{ question: 'words', why: 'too-long' }],
    ],
    ['a question that the form lacks', { helped: 'yes', name: 'A' }, [{ question: 'name', why: 'unknown' }]],
    ['nothing', {}, [{ question: 'helped', why: 'required' }, { why: 'empty' }]],
  ])('%s', (_, answers, expected) => {
    expect(problemsOf(form, answers as Record<string, string>)).toEqual(expected);
  });

  it('asks for one answer where none has to be given', () => {
    expect(problemsOf(free, {})).toEqual([{ why: 'empty' }]);
    expect(problemsOf(free, { words: 'oui' })).toEqual([]);
  });

  it('tells everything at once', () => {
    expect(problemsOf(form, { helped: 'x', words: 'y'.repeat(99), name: 'A' })).toEqual([
      { question: 'helped', why: 'choice' },
      { question: 'words', why: 'too-long' },
      { question: 'name', why: 'unknown' },
    ]);
  });
});
