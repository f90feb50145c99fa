import type { HtmlTagDescriptor, Plugin } from "vite";
import { CONTENT_SECURITY_POLICY_DIRECTIVES } from "../server/http/content-security-policy.ts";

/**
 * The mock's own exception: the addresses of its two workers become trusted in `src/mocks/worker-addresses.ts`. It is the
 * default policy because MSW registers its worker by a plain address.
 */
const MOCK_POLICY = "default";

/** What a `meta` element may not say. */
const HEADER_ONLY = /^frame-ancestors /;

/**
 * Gives the pages that the server does not deliver its policy too: those of the mock build by an element, for they lie on
 * any host; those of `vite` and `vite preview` in part, for Vite's client brings styles of its own and a socket.
 */
export function pagePolicy(): Plugin {
  let isMock = false;
  let isServing = false;
  return {
    name: "holdfast-page-policy",
    config(_config, { mode, command, isPreview }) {
      isMock = mode === "mock";
      isServing = command === "serve" && isPreview !== true;
      if (isMock) return undefined;
      const headers = { "content-security-policy": (isServing ? forDevelopment() : directives()).join("; ") };
      return isServing ? { server: { headers } } : { preview: { headers } };
    },
    transformIndexHtml: {
      order: "post",
      handler: () => (isMock && !isServing ? [metaElement(directives(MOCK_POLICY))] : []),
    },
  };
}

function directives(...policies: readonly string[]): readonly string[] {
  return CONTENT_SECURITY_POLICY_DIRECTIVES.map((directive) =>
    directive.startsWith("trusted-types ") ? [directive, ...policies].join(" ") : directive,
  );
}

/** Trusted Types and where pictures come from; the mock runs here as well. */
function forDevelopment(): readonly string[] {
  return directives(MOCK_POLICY).filter((directive) => /trusted-types|^img-src|^frame-src/.test(directive));
}

function metaElement(content: readonly string[]): HtmlTagDescriptor {
  return {
    tag: "meta",
    attrs: {
      "http-equiv": "Content-Security-Policy",
      content: content.filter((directive) => !HEADER_ONLY.test(directive)).join("; "),
    },
    injectTo: "head-prepend",
  };
}
