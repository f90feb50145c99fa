export type Encoding = "br" | "gzip";

/** The first of `offered` that an `Accept-Encoding` header takes; undefined: send it as it is. */
export function acceptedEncoding<Offered extends Encoding>(
  header: string | undefined,
  offered: readonly Offered[],
): Offered | undefined {
  const accepted = new Set<string>();
  for (const item of (header ?? "").toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    if (!parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name);
  }
  return offered.find((encoding) => accepted.has(encoding));
}
