import { proxy, type Remote } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { limits, WorkerLink } from '../../src/client/worker-link.ts';
import type { WorkerApi } from '../../src/core/api/worker-api.ts';
import workerUrl from './workers/moody.worker.ts?worker&url';

/** The link to a real worker in Chromium: whatever the worker does, every wait of a page ends. */
const usual = { ...limits };
afterEach(() => {
  Object.assign(limits, usual);
});

const link = (moods: readonly string[] = []) => {
  const spawned: Worker[] = [];
  const opened: string[] = [];
  const made = new WorkerLink(
    async (api: Remote<WorkerApi>) => {
      opened.push((await api.open({ installId: null })).installId);
    },
    () => {
      const mood = moods[spawned.length];
      const worker = new Worker(mood ? `${workerUrl}${workerUrl.includes('?') ? '&' : '?'}${mood}` : workerUrl, {
        type: 'module',
      });
      spawned.push(worker);
      return worker;
    },
  );
  return { made, spawned, opened };
};

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('the link to the data worker', () => {
  it('opens the store before the first call, once', async () => {
    const { made, spawned, opened } = link();
    const [a, b] = await Promise.all([made.call((api) => api.find('1')), made.call((api) => api.find('2'))]);
    expect(opened).toEqual([a]);
    expect(b).toBe(a);
    expect(spawned).toHaveLength(1);
  });

  it('gives up a call that is never answered, and goes on with a new worker', async () => {
    Object.assign(limits, { call: 400, again: 50 });
    const { made, spawned } = link();
    const first = await made.call((api) => api.find('1'));
    expect(await code(made.call((api) => api.find('hang')))).toBe('worker');
    const second = await made.call((api) => api.find('1'));
    expect(second).not.toBe(first);
    expect(spawned).toHaveLength(2);
  });

  it('subscribes again with the new worker', async () => {
    Object.assign(limits, { call: 400, again: 50 });
    const { made } = link();
    const heard: string[] = [];
    made.subscribe((api) => api.watchStatus(proxy((status) => heard.push(String(status)))));
    await expect.poll(() => heard.length).toBe(1);
    await code(made.call((api) => api.find('hang')));
    await expect.poll(() => new Set(heard).size).toBe(2);
  });

  it('tries a worker anew whose store could not be opened', async () => {
    Object.assign(limits, { again: 50 });
    let fails = 2;
    const made = new WorkerLink(
      async () => {
        if (fails-- > 0) throw new Error('gone');
      },
      () => new Worker(workerUrl, { type: 'module' }),
    );
    expect(await code(made.call((api) => api.ping()))).toContain('gone');
    expect(await code(made.call((api) => api.ping()))).toContain('gone');
    expect(await made.call((api) => api.ping())).toBe('ready');
  });

  it('leaves no live query behind that was ended, or asked anew, before it had begun', async () => {
    const { made } = link();
    const open = new Set<number>();
    let begun = 0;
    const watch = () =>
      made.subscribe(async () => {
        const number = begun++;
        await new Promise((resolve) => setTimeout(resolve, 30));
        open.add(number);
        return () => open.delete(number);
      });
    watch()();
    const end = watch();
    made.refresh();
    made.refresh();
    await expect.poll(() => begun).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([...open]).toEqual([3]);
    end();
    expect(open.size).toBe(0);
  });

  it('ends the wait for a worker that never says that it is ready', async () => {
    Object.assign(limits, { ready: 300, again: 50 });
    const { made, spawned } = link(['mute']);
    expect(await code(made.call((api) => api.ping()))).toBe('worker');
    expect(await made.call((api) => api.ping())).toBe('ready');
    expect(spawned).toHaveLength(2);
  });

  it('does not start one worker after the other where none can start', async () => {
    Object.assign(limits, { again: 400 });
    const { made, spawned } = link(Array.from({ length: 50 }, () => 'throw'));
    made.subscribe((api) => api.watchStatus(proxy(() => {})));
    expect(await code(made.call((api) => api.ping()))).toBe('worker');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(spawned.length).toBeGreaterThan(1);
    expect(spawned.length).toBeLessThan(6);
  });
});
