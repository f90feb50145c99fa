import type { Deed } from "./command.ts";

const DOWN_MS = [10, 300, 3_000, 20_000];

/** What happens to the server, whichever tab the step names. */
export const SERVER_DEEDS: Readonly<Record<string, Deed>> = {
  "kill-server": {
    weight: 4,
    fault: "server killed",
    run(world, _tab, choice) {
      const { server, time } = world;
      if (!server.isUp()) return undefined;
      server.kill();
      const downMs = DOWN_MS[choice % DOWN_MS.length] ?? 300;
      time.after(downMs, () => void server.start());
      return `the server is killed, and started ${downMs} ms later`;
    },
  },
  "drain-server": {
    weight: 3,
    fault: "server restarted",
    run(world, _tab, choice) {
      const { server, time } = world;
      if (!server.isUp()) return undefined;
      const downMs = DOWN_MS[choice % DOWN_MS.length] ?? 300;
      void server.drain().then(() => time.after(downMs, () => void server.start()));
      return `the server drains and ends, and is started ${downMs} ms later`;
    },
  },
  "back-up": {
    weight: 4,
    run(world) {
      world.server.backUp();
      return "the server is backed up";
    },
  },
  restore: {
    weight: 2,
    fault: "backup restored",
    run(world) {
      const { server } = world;
      if (!server.isUp()) return undefined;
      server.kill();
      const isRestored = server.restore();
      void server.start();
      return isRestored
        ? "the backup is put back, under new epochs"
        : "the server is killed, and started at once";
    },
  },
  "server-full": {
    weight: 2,
    fault: "server's disk full",
    run(world, _tab, choice) {
      const { server, time } = world;
      if (server.isStoreFull) return undefined;
      server.isStoreFull = true;
      const fullMs = 500 + choice;
      time.after(fullMs, () => {
        server.isStoreFull = false;
      });
      return `the server's disk is full for ${fullMs} ms`;
    },
  },
  "sign-out": {
    weight: 2,
    fault: "signed out elsewhere",
    run(world) {
      if (!world.server.isSignedIn) return undefined;
      world.server.signOutElsewhere();
      return "the sign-in ends";
    },
  },
  "server-clock": {
    weight: 1,
    fault: "server's clock set",
    run(world, _tab, choice) {
      const ms = [-3_600_000, -5_000, 5_000, 3_600_000][choice % 4] ?? 0;
      world.server.clockOffsetMs += ms;
      return `the server's clock jumps by ${ms / 1000} s`;
    },
  },
};
