import { expect, type Locator, type Page } from '@playwright/test';

/** Listening, in the words of a person; and a device that can speak. */

/** What the fake device's voice was told, and is doing. */
export interface FakeVoice {
  readonly said: readonly { readonly text: string; readonly rate: number; readonly lang: string }[];
  readonly speaking: boolean;
}

interface FakeOptions {
  /** BCP 47 tags of its voices; a `~` before one: it speaks in the network only. */
  readonly voices: readonly string[];
  /** How long after the start of the page the voices are told, as on Android. */
  readonly lateMs: number;
}

/**
 * A fake `speechSynthesis`, since the browser of the tests has no voice: it behaves as the Web Speech API is written down. Voices come later, with an event;
 * one utterance is under way at a time, others wait; `cancel` drops all of them, and their `error` says so. Nothing ends by itself: a test ends it.
 */
export const fakeVoices = async (page: Page, voices: readonly string[], lateMs = 200): Promise<void> => {
  await page.addInitScript(
    ({ voices, lateMs }: FakeOptions) => {
      const said: { text: string; rate: number; lang: string }[] = [];
      let queue: SpeechSynthesisUtterance[] = [];
      let known: object[] = [];
      class FakeUtterance extends EventTarget {
        text: string;
        rate = 1;
        lang = '';
        voice: object | null = null;
        onend: ((event: Event) => void) | null = null;
        onerror: ((event: Event) => void) | null = null;
        constructor(text: string) {
          super();
          this.text = text;
        }
      }
      const begin = (): void => {
        const [first] = queue;
        if (first) said.push({ text: first.text, rate: first.rate, lang: first.lang });
      };
      class FakeSynthesis extends EventTarget {
        paused = false;
        get speaking(): boolean {
          return queue.length > 0;
        }
        get pending(): boolean {
          return queue.length > 1;
        }
        getVoices(): object[] {
          return known;
        }
        speak(utterance: SpeechSynthesisUtterance): void {
          queue.push(utterance);
          if (queue.length === 1) begin();
        }
        cancel(): void {
          const dropped = queue;
          queue = [];
          for (const [i, utterance] of dropped.entries()) {
            const error = Object.assign(new Event('error'), { error: i === 0 ? 'interrupted' : 'canceled' });
            setTimeout(() => utterance.onerror?.(error as SpeechSynthesisErrorEvent));
          }
        }
        pause(): void {
          this.paused = true;
        }
        resume(): void {
          this.paused = false;
        }
      }
      const synthesis = new FakeSynthesis();
      setTimeout(() => {
        known = voices.map((tag) => ({
          name: tag,
          voiceURI: tag,
          lang: tag.replace('~', ''),
          localService: !tag.startsWith('~'),
          default: false,
        }));
        synthesis.dispatchEvent(new Event('voiceschanged'));
      }, lateMs);
      const end = (error?: string): void => {
        const [first] = queue;
        queue = queue.slice(1);
        const event = Object.assign(new Event(error ? 'error' : 'end'), { error });
        if (error) first?.onerror?.(event as unknown as SpeechSynthesisErrorEvent);
        else first?.onend?.(event as unknown as SpeechSynthesisEvent);
        begin();
      };
      Object.defineProperty(globalThis, 'speechSynthesis', { value: synthesis });
      Object.defineProperty(globalThis, 'SpeechSynthesisUtterance', { value: FakeUtterance });
      Object.defineProperty(globalThis, 'fakeVoice', {
        value: {
          end,
          get state() {
            return { said: [...said], speaking: queue.length > 0 };
          },
        },
      });
    },
    { voices, lateMs },
  );
};

type WithFake = typeof globalThis & { readonly fakeVoice: { end(error?: string): void; readonly state: FakeVoice } };

export class Listening {
  readonly page: Page;
  readonly listen: Locator;
  readonly player: Locator;
  constructor(page: Page) {
    this.page = page;
    this.listen = page.locator('#listen');
    this.player = page.getByRole('group', { name: 'Lecture à voix haute' });
  }

  state(): Promise<FakeVoice> {
    return this.page.evaluate(() => (globalThis as WithFake).fakeVoice.state);
  }

  async last(): Promise<string> {
    return (await this.state()).said.at(-1)?.text ?? '';
  }

  /** The sentence that is being said ends. */
  end(error?: string): Promise<void> {
    return this.page.evaluate((why) => (globalThis as WithFake).fakeVoice.end(why), error);
  }

  /** The words that are marked on the page. */
  marked(): Promise<string> {
    return this.page.evaluate(() => {
      const ranges = [...(CSS.highlights.get('spoken') ?? [])] as Range[];
      return ranges.map((range) => range.toString()).join('|');
    });
  }

  /** Says everything to its end; returns what was said from here on. */
  async hearAll(): Promise<readonly string[]> {
    const before = (await this.state()).said.length - 1;
    for (let left = 500; left > 0 && (await this.state()).speaking; left--) await this.end();
    return (await this.state()).said.slice(before).map(({ text }) => text);
  }

  async expectSilent(): Promise<void> {
    await expect.poll(async () => (await this.state()).speaking).toBe(false);
    await expect(this.player).toHaveCount(0);
    expect(await this.marked()).toBe('');
  }
}
