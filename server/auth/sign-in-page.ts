/** The only page there is without a cookie. Plain HTML and one style sheet: it works before, and without, any script. */
export function renderSignInPage(page: {
  readonly to: string;
  readonly message: string | undefined;
}): string {
  const message = page.message === undefined ? "" : `<p role="alert">${escapeHtml(page.message)}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Sign in · Holdfast</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${SIGN_IN_STYLE_PATH}">
</head>
<body>
<main>
<h1>Holdfast</h1>
<form method="post" action="${SIGN_IN_PATH}">
<input type="hidden" name="to" value="${escapeHtml(page.to)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus maxlength="1024">
${message}
<button type="submit">Sign in</button>
</form>
</main>
</body>
</html>
`;
}

export const SIGN_IN_PATH = "/sign-in";
export const SIGN_IN_STYLE_PATH = "/sign-in.css";

export const SIGN_IN_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
html { background: #f7f7f5; color: #1d1d1b; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { width: min(20rem, 100vw - 3rem); }
h1 { font-size: 1.5rem; }
form { display: grid; gap: 0.75rem; }
input, button { font: inherit; padding: 0.6rem 0.75rem; border-radius: 0.5rem; border: 1px solid GrayText; }
button { cursor: pointer; background: #0f6b5c; color: #fff; border-color: transparent; }
@media (prefers-color-scheme: dark) {
  html { background: #17181a; color: #ececea; }
  button { background: #58c4ad; color: #08241f; }
}
p { margin: 0; }
`;

/** Where to go after signing in: a path of this server, never another site. */
export function safeReturnPath(text: string | undefined): string {
  // "//x" and "/\\x" are other hosts to a browser; control characters are dropped by it.
  const isOwnPath = text !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && text.length <= 512;
  return isOwnPath && !text.startsWith(SIGN_IN_PATH) && !text.startsWith("/api/") ? text : "/";
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
