#!/usr/bin/env node
/* Old syntax on purpose: this file must load on any Node, to say in one sentence what is missing. */
var major = Number(process.versions.node.split(".")[0]);
if (process.platform === "win32") {
  process.stderr.write(
    "landfall does not run on Windows itself; run it inside WSL, the Windows Subsystem for Linux.\n",
  );
  process.exitCode = 2;
} else if (major < 24) {
  process.stderr.write("landfall needs Node >= 24; this is Node " + process.versions.node + ".\n");
  process.exitCode = 2;
} else {
  void import("./start.js");
}
