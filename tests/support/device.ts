import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type CDPSession, chromium, type Page } from '@playwright/test';
import { chromiumArgs, findChromium } from './chromium.ts';

/** A phone: a browser with a profile of its own on the disk, that can be killed like a phone whose battery is pulled. */
export class Device {
  readonly #profile = mkdtempSync(join(tmpdir(), 'relais-device-'));
  #context: BrowserContext | undefined;
  #aimedAt: readonly number[] = [];

  /** Switches the phone on: a new browser on the same profile. */
  async start(): Promise<Page> {
    rmSync(join(this.#profile, 'SingletonLock'), { force: true });
    const executablePath = findChromium();
    this.#context = await chromium.launchPersistentContext(this.#profile, {
      ...(executablePath && { executablePath }),
      chromiumSandbox: false,
      args: chromiumArgs,
      viewport: { width: 320, height: 480 },
      locale: 'fr-FR',
    });
    return this.#context.pages()[0] ?? this.#context.newPage();
  }

  get context(): BrowserContext {
    if (!this.#context) throw new Error('the device is off');
    return this.#context;
  }

  /** Looks up the processes that a kill is to end. To look takes some 20 ms, which a kill at a moment does not have. */
  aim(): void {
    this.#aimedAt = this.#pids();
  }

  /** SIGKILL to the whole browser, with no chance to write anything. */
  async kill(): Promise<void> {
    for (const pid of this.#aimedAt) end(pid);
    this.#aimedAt = [];
    for (const pid of this.#pids()) end(pid);
    await this.#context?.close().catch(() => {});
    this.#context = undefined;
  }

  async remove(): Promise<void> {
    await this.#context?.close().catch(() => {});
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Path of the profile, to look for traces in. */
  get profile(): string {
    return this.#profile;
  }

  #pids(): readonly number[] {
    const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
    return lines
      .filter((line) => line.includes(`--user-data-dir=${this.#profile}`) && !line.includes('crashpad'))
      .map((line) => Number.parseInt(line, 10));
  }
}

const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Chromium's service worker domain: lets a test fire a `sync` event, as the browser does when a link comes. */
export class ServiceWorkerControl {
  readonly #session: CDPSession;
  #registration = '';
  constructor(session: CDPSession) {
    this.#session = session;
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      this.#registration = registrations.find(({ isDeleted }) => !isDeleted)?.registrationId ?? this.#registration;
    });
  }

  static async of(page: Page): Promise<ServiceWorkerControl> {
    const control = new ServiceWorkerControl(await page.context().newCDPSession(page));
    await control.#session.send('ServiceWorker.enable');
    return control;
  }

  /** Fires a `sync` event of the origin. */
  async sync(origin: string, tag = 'relais-sync'): Promise<void> {
    const registrationId = this.#registration;
    await this.#session.send('ServiceWorker.dispatchSyncEvent', { origin, registrationId, tag, lastChance: false });
  }

  /** Fires a `periodicsync` event of the origin. */
  async periodicSync(origin: string, tag = 'relais-sync'): Promise<void> {
    const registrationId = this.#registration;
    await this.#session.send('ServiceWorker.dispatchPeriodicSyncEvent', { origin, registrationId, tag });
  }
}
