import { verifyAsync } from '@noble/ed25519';
import type { Platform } from '../core/platform.ts';

/** Entry of `ed25519-[hash].js`: checks signatures where the browser itself cannot (Chrome before 137). Other browsers never load it. */
declare const self: typeof globalThis & { relaisEd25519?: Platform['verify'] };

self.relaisEd25519 = (publicKey, signature, message) => verifyAsync(signature, message, publicKey).catch(() => false);
