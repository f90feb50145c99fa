interface TrustedTypesFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): unknown;
}

const allowed = new Set<string>();
let isPolicyMade = false;

/**
 * Lets `address` be a worker's script under Trusted Types; any other is refused, and no text becomes HTML or a script.
 * The default policy, because MSW registers its worker by a plain address. Mock builds only.
 */
export function allowWorkerAddress(address: string): void {
  allowed.add(new URL(address, location.href).href);
  if (isPolicyMade) return;
  isPolicyMade = true;
  const factory = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  factory?.createPolicy("default", {
    createScriptURL(url) {
      if (allowed.has(new URL(url, location.href).href)) return url;
      throw new TypeError(`${url} is none of the mock's workers.`);
    },
  });
}
