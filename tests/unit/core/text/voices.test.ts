import { describe, expect, it } from 'vitest';
import { voiceFor } from '../../../../src/core/text/voices.ts';

/** Which of a device's voices reads a language. */

const voice = (lang: string, { local = true, usual = false } = {}) => ({
  lang,
  localService: local,
  default: usual,
});

describe('the voice of a language', () => {
  it('is one of that language, whatever its region and however the engine writes it', () => {
    for (const lang of ['fr', 'fr-FR', 'fr_CA', 'fra-FRA', 'FR-fr'])
      expect(voiceFor('fr', [voice('en-US'), voice(lang)], true)?.lang).toBe(lang);
    expect(voiceFor('id', [voice('in_ID')], true)?.lang).toBe('in_ID');
  });

  it('is never one of another language', () => {
    expect(voiceFor('dje', [voice('fr-FR', { usual: true }), voice('ha-NG')], true)).toBeUndefined();
    expect(voiceFor('f', [voice('fr-FR')], true)).toBeUndefined();
    expect(voiceFor('fr', [], true)).toBeUndefined();
  });

  it('is on the device before it is in the network, which counts only with a link', () => {
    const remote = voice('fr-FR', { local: false, usual: true });
    expect(voiceFor('fr', [remote, voice('fr-CA')], true)?.lang).toBe('fr-CA');
    expect(voiceFor('fr', [remote], true)).toBe(remote);
    expect(voiceFor('fr', [remote], false)).toBeUndefined();
  });

  it('is of the same region where there is one, then the device’s own choice, then the first', () => {
    expect(voiceFor('pt-BR', [voice('pt-PT', { usual: true }), voice('pt_BR')], true)?.lang).toBe('pt_BR');
    expect(voiceFor('ar', [voice('ar-SA'), voice('ar-EG', { usual: true })], true)?.lang).toBe('ar-EG');
    expect(voiceFor('ar', [voice('ar-SA'), voice('ar-EG')], true)?.lang).toBe('ar-SA');
  });
});
