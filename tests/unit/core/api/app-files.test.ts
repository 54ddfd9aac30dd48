import { describe, expect, it } from 'vitest';
import { addressIn } from '../../../../src/core/api/app-files.ts';

describe('addresses of the app’s files', () => {
  const address = addressIn(
    'ar-C_g2oSNa.js gu--YJzryjX.js later-ar-CS-bCcK-.js network-pages-vV_CzxjB.js sprite-0XVCfMiM.svg',
  );

  it('are found by the plain name, whatever letters a hash has', () => {
    expect(address('ar.js')).toBe('/assets/ar-C_g2oSNa.js');
    expect(address('gu.js')).toBe('/assets/gu--YJzryjX.js');
    expect(address('later-ar.js')).toBe('/assets/later-ar-CS-bCcK-.js');
    expect(address('network-pages.js')).toBe('/assets/network-pages-vV_CzxjB.js');
    expect(address('sprite.svg')).toBe('/assets/sprite-0XVCfMiM.svg');
  });

  it('a file that the list has not, or a list that did not come, is an address that nobody serves', () => {
    expect(address('parts.js')).toBe('/assets/parts.js');
    expect(addressIn('')('ar.js')).toBe('/assets/ar.js');
  });
});
