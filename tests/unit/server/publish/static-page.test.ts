import { expect, it } from 'vitest';
import { contentPolicy } from '../../../../server/hub/security.ts';
import { policyTag } from '../../../../server/publish/policy.ts';
import { forFiles } from '../../../../server/publish/static-page.ts';

const page = (body: string): string => `<head><meta charset="utf-8"><style></style></head>${body}`;

it('leads pages to folders, and leaves files, fragments and other sites alone', () => {
  const links = (body: string): readonly (string | undefined)[] =>
    [...forFiles(page(body), ['fr', 'ha'], 'x=').matchAll(/ href="([^"]*)"/g)].map(([, href]) => href);
  const hrefs = ['/fr', '/fr/', '/fr/pump', '/ha/-/all.2', '/fr/pump#answer', '/fr/pump?x=1', '/free', '/assets/fr.js'];
  expect(links([...hrefs, '#answer', 'https://x.org/fr/a'].map((href) => `<a href="${href}">`).join(''))).toEqual([
    ...['/fr/', '/fr/', '/fr/pump/', '/ha/-/all.2/', '/fr/pump/#answer', '/fr/pump/?x=1', '/free', '/assets/fr.js'],
    ...['#answer', 'https://x.org/fr/a'],
  ]);
});

it('posts its form nowhere', () => {
  const form = '<form class="form" method="post" action="/o/plain" id="answer"></form>';
  expect(forFiles(page(form), ['fr'], 'x=')).toContain('<form class="form" method="post" id="answer"></form>');
});

it('has the hub’s policy before anything that it rules, without what only a header can say', () => {
  const html = forFiles(page(''), ['fr'], 'abc=');
  expect(html.indexOf('http-equiv')).toBeLessThan(html.indexOf('<style'));
  const [, policy = ''] = /content="([^"]*)"/.exec(policyTag('abc=')) ?? [];
  expect(html).toContain(policy);
  expect([...policy.split('; '), "frame-ancestors 'none'"].sort()).toEqual(contentPolicy('abc=').split('; ').sort());
});

it('the empty page, whose sheet is a file, allows no inlined one', () => {
  expect(policyTag()).toContain("style-src 'self';");
  expect(policyTag()).not.toContain('sha256');
  expect(policyTag()).toContain("connect-src 'self' http:;");
  expect(policyTag('abc=')).toContain("connect-src 'self';");
});
