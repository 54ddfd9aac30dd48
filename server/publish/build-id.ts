/** Put in by the build: a hash over the source of publisher, views and words. Tests that run the source have none. */
declare const __BUILD__: string | undefined;

/** What was made by another build may look different: caches and pages of one build are not those of another. */
export const buildId: string | undefined = typeof __BUILD__ === 'undefined' ? undefined : __BUILD__;
