/** Put in by the build: files for a host that has no hub behind it. Tests that run the source have none. */
declare const __STATIC__: boolean | undefined;

/** Nobody takes answers at this address: they stay on the device until it meets a hub. */
export const isStatic: boolean = typeof __STATIC__ !== 'undefined' && __STATIC__;
