import { expect, it } from 'vitest';
import { nearLink, nearOffer, nearOrigin, nearText } from '../../../../src/core/protocol/near.ts';

it.each([
  ['192.168.1.5:8080', 'http://192.168.1.5:8080'],
  [' http://192.168.1.5:8080/fr/pompe?online#x ', 'http://192.168.1.5:8080'],
  ['10.0.0.1', 'http://10.0.0.1'],
  ['172.16.0.1', 'http://172.16.0.1'],
  ['172.31.255.254:80', 'http://172.31.255.254'],
  ['169.254.3.4:1', 'http://169.254.3.4:1'],
  ['HTTP://192.168.1.5', 'http://192.168.1.5'],
  // However it is written, it is the address that it is.
  ['0xc0.168.261', 'http://192.168.1.5'],
  ['[fd00::5]:8080', 'http://[fd00::5]:8080'],
  ['[fe80::1]', 'http://[fe80::1]'],
])('%s is an address inside a network', (text, origin) => {
  expect(nearOrigin(text)).toBe(origin);
});

it.each([
  ['nothing', ''],
  ['a name', 'hub.local:8080'],
  ['a name that looks like numbers', '192.168.1.5.example.org'],
  ['a name that begins as numbers do', '10.example.org'],
  ['this device', '127.0.0.1:8080'],
  ['this device, by its name', 'localhost:8080'],
  ['this device, in IPv6', '[::1]:8080'],
  ['all of this device', '0.0.0.0:8080'],
  ['the Internet', '8.8.8.8'],
  ['the Internet, in IPv6', '[2001:db8::1]'],
  ['next to what is allowed', '172.32.0.1'],
  ['next to what is allowed, below', '172.15.0.1'],
  ['next to it, in IPv6', '[fec0::1]'],
  ['IPv4 in IPv6', '[::ffff:192.168.1.5]'],
  ['https', 'https://192.168.1.5'],
  ['something else than http', 'ftp://192.168.1.5'],
  ['a name behind what looks like one', 'http://192.168.1.5@example.org/'],
  ['too many numbers', '192.168.1.5.6'],
  ['no port', '192.168.1.5:99999'],
  ['IPv6 without brackets', 'fd00::5'],
  ['a script', 'javascript:alert(1)'],
])('refuses %s', (_, text) => {
  expect(nearOrigin(text)).toBeUndefined();
});

it('a link says it behind the mark, where no server hears of it', () => {
  const link = nearLink('https://relais.example.org', 'http://192.168.1.5:8080');
  expect(link).toBe('https://relais.example.org/-/network#hub=http://192.168.1.5:8080');
  expect(nearOffer(new URL(link).hash)).toBe('http://192.168.1.5:8080');
  expect(nearOffer('#answer')).toBeUndefined();
  expect(nearText('http://192.168.1.5:8080')).toBe('192.168.1.5:8080');
});
