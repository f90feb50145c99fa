import { setOptionalAttribute } from "./element.ts";
import { safeUrl } from "./safe-url.ts";

/** Leads where `destination` says if that is allowed; without an address it is no link to anybody, and its words stay. */
export function setAnchor(anchor: HTMLAnchorElement, destination: string, title: string | undefined): void {
  const url = safeUrl(destination);
  setOptionalAttribute(anchor, "href", url?.href);
  setOptionalAttribute(anchor, "target", url && "_blank");
  // Nothing of where it was is told, and nothing there may reach back.
  setOptionalAttribute(anchor, "rel", url && "noopener noreferrer nofollow");
  setOptionalAttribute(anchor, "title", title);
}
