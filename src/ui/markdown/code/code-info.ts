/** What an info string says of its block. */
export interface CodeInfo {
  /** In lower case, as a grammar may be called; undefined: nothing is said. */
  readonly language: string | undefined;
  /** Name or path of the file the code is of. */
  readonly fileName: string | undefined;
  /** What the header says: the file's name, or the language's; "" when nothing is known. */
  readonly label: string;
}

/** Longer names are nonsense. Unit: UTF-16 code units. */
const MAX_NAME_CHARS = 200;

const TITLE = /(?:^|\s)(?:title|file|filename|path)=(?:"([^"]*)"|'([^']*)'|([^\s"']+))/i;
/** `12:40:src/a.ts`: which lines of a file. */
const LINES_OF_FILE = /^\d+:\d+:(\S+)$/;
const LANGUAGE_AND_FILE = /^([\w+#.-]+):(\S+)$/;
/** Pandoc and R Markdown: `{.python .numberLines}`, `{r}`. */
const IN_BRACES = /^\{\.?([\w+#-]+)[^}]*\}/;
const LANGUAGE = /^[\p{L}\d][\p{L}\d+#._-]{0,31}$/u;
/** What no file system likes in a name is no name. */
const FILE = /^(?:[^\s<>"'`|*?{}]*\/[^\s<>"'`|*?{}/]+|[^\s<>"'`|*?{}]*\w\.[A-Za-z]\w{0,9})$/;

/**
 * Reads the forms that people and models write: `ts`, `ts title="src/a.ts"`, `src/a.ts`, `ts:src/a.ts`, `diff a.patch`,
 * `12:40:src/a.ts`, `{.python}`. Anything else is no language and no file.
 */
export function parseCodeInfo(info: string): CodeInfo {
  const [first = "", second = ""] = info.trim().split(/\s+/, 2);
  const title = TITLE.exec(info);
  const named = title?.[1] ?? title?.[2] ?? title?.[3];
  const braced = IN_BRACES.exec(info.trim())?.[1];
  if (braced !== undefined) return describe(braced, named);
  const ofLines = LINES_OF_FILE.exec(first)?.[1];
  if (ofLines !== undefined) return describe(undefined, ofLines);
  const pair = LANGUAGE_AND_FILE.exec(first);
  if (pair !== null && !isAddress(first)) return describe(pair[1], pair[2]);
  if (FILE.test(first) && !isAddress(first)) return describe(undefined, first);
  const language = LANGUAGE.test(first) ? first : undefined;
  return describe(language, named ?? (FILE.test(second) && !second.includes("=") ? second : undefined));
}

function describe(language: string | undefined, fileName: string | undefined): CodeInfo {
  const file = fileName === undefined || fileName === "" ? undefined : fileName.slice(0, MAX_NAME_CHARS);
  const known = (language ?? (file === undefined ? undefined : languageOfFile(file)))?.toLowerCase();
  return { language: known, fileName: file, label: file ?? nameOf(language ?? "") };
}

/** What a file is written in as its name says: the grammars know the usual endings by themselves. */
function languageOfFile(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const ending = name.slice(name.lastIndexOf(".") + 1);
  if (FILE_LANGUAGES.has(name)) return FILE_LANGUAGES.get(name);
  return name.includes(".") ? (ENDING_LANGUAGES.get(ending) ?? ending) : name;
}

function isAddress(word: string): boolean {
  return word.includes("://");
}

function nameOf(language: string): string {
  return LANGUAGE_NAMES.get(language.toLowerCase()) ?? language;
}

const FILE_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ["cmakelists.txt", "cmake"],
  [".bashrc", "bash"],
  [".zshrc", "bash"],
  [".profile", "bash"],
  [".env", "dotenv"],
  [".gitignore", "ini"],
  [".editorconfig", "ini"],
]);

/** Endings that no grammar is called by. */
const ENDING_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ["h", "c"],
  ["hh", "cpp"],
  ["hpp", "cpp"],
  ["cc", "cpp"],
  ["cxx", "cpp"],
  ["patch", "diff"],
  ["htm", "html"],
  ["svg", "xml"],
  ["plist", "xml"],
  ["conf", "ini"],
  ["cfg", "ini"],
  ["service", "ini"],
  ["ex", "elixir"],
  ["exs", "elixir"],
  ["pyi", "python"],
  ["webmanifest", "json"],
  ["m", "objective-c"],
  ["pl", "perl"],
  ["tf", "terraform"],
]);

/** Names that a capital letter alone doesn't give. Others are shown as they are written. */
const LANGUAGE_NAMES: ReadonlyMap<string, string> = new Map([
  ["ts", "TypeScript"],
  ["typescript", "TypeScript"],
  ["tsx", "TSX"],
  ["js", "JavaScript"],
  ["javascript", "JavaScript"],
  ["jsx", "JSX"],
  ["py", "Python"],
  ["python", "Python"],
  ["sh", "Shell"],
  ["shell", "Shell"],
  ["bash", "Bash"],
  ["zsh", "Zsh"],
  ["console", "Console"],
  ["powershell", "PowerShell"],
  ["html", "HTML"],
  ["css", "CSS"],
  ["scss", "SCSS"],
  ["json", "JSON"],
  ["jsonc", "JSON"],
  ["yaml", "YAML"],
  ["yml", "YAML"],
  ["toml", "TOML"],
  ["xml", "XML"],
  ["sql", "SQL"],
  ["rs", "Rust"],
  ["rust", "Rust"],
  ["go", "Go"],
  ["java", "Java"],
  ["kotlin", "Kotlin"],
  ["kt", "Kotlin"],
  ["swift", "Swift"],
  ["c", "C"],
  ["cpp", "C++"],
  ["c++", "C++"],
  ["cs", "C#"],
  ["csharp", "C#"],
  ["c#", "C#"],
  ["rb", "Ruby"],
  ["ruby", "Ruby"],
  ["php", "PHP"],
  ["r", "R"],
  ["lua", "Lua"],
  ["md", "Markdown"],
  ["markdown", "Markdown"],
  ["diff", "Diff"],
  ["dockerfile", "Dockerfile"],
  ["graphql", "GraphQL"],
  ["latex", "LaTeX"],
  ["tex", "TeX"],
  ["mermaid", "Mermaid"],
  ["text", "Text"],
  ["txt", "Text"],
  ["plaintext", "Text"],
]);
