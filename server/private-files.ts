/**
 * What this process writes is for its own user alone: conversations, and the hashes of passwords and sign-ins.
 * The folder may be one that others can look into, and a backup goes wherever it is told to.
 */
export function keepFilesPrivate(): void {
  process.umask(0o077);
}
