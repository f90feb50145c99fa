/** Stands for the layout engine that is not part of this build. */
class NoElk {
  async layout(): Promise<never> {
    throw new Error("The ELK layout is not part of this build. Leave the layout away, or use dagre.");
  }
}

// oxlint-disable-next-line import/no-default-export -- in place of a module that has one
export default NoElk;
