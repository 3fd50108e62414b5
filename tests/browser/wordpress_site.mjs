// A WordPress with the plug-in, and the host of a feed. `make wordpress` installs what this starts.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

// Runs a program until it prints `ready`, or returns nothing if it ends before.
function start(program, options, env, ready) {
  const child = spawn(program, options, { env, stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve) => {
    let output = "";
    child.stderr.on("data", (data) => {
      output += data;
      if (ready.test(output)) resolve(child);
    });
    child.on("exit", () => resolve(undefined));
  });
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

// `installed` is the folder of `make wordpress`, `plugin` that of the plug-in, and `tests` that of the PHP files. On this
// machine, the site may request only the origin `feed`.
export async function wordpress({ installed, plugin, tests }, feed) {
  const folder = mkdtempSync(join(tmpdir(), "evertoken-wordpress-"));
  const root = join(installed, "root/usr/share/wordpress");
  const content = join(folder, "content");
  mkdirSync(join(content, "mu-plugins"), { recursive: true });
  symlinkSync(join(root, "wp-content/themes"), join(content, "themes"));
  cpSync(plugin, join(content, "plugins/evertoken-feed"), { recursive: true });
  cpSync(join(tests, "test-site.php"), join(content, "mu-plugins/test-site.php"));
  cpSync(join(installed, "database"), join(folder, "database"), { recursive: true });

  const [socket, temporary] = [join(folder, "socket"), join(folder, "temporary")];
  // When a server starts, it deletes the temporary tables in `tmpdir`. The default, /tmp, holds those of all others.
  mkdirSync(temporary);
  const options = ["--no-defaults", `--datadir=${join(folder, "database")}`, `--tmpdir=${temporary}`, `--socket=${socket}`,
    "--skip-networking", "--skip-grant-tables", "--innodb-log-file-size=4M"];
  if (process.getuid() === 0) options.push("--user=root");
  const database = await start("/usr/sbin/mariadbd", options, process.env, /ready for connections/);
  assert.ok(database, "the database does not start");

  let env, server;
  // Another program may take the port first.
  for (let attempt = 0; !server && attempt < 10; attempt++) {
    const address = `127.0.0.1:${await freePort()}`;
    env = { ...process.env, EVERTOKEN_WORDPRESS_SOCKET: socket, EVERTOKEN_WORDPRESS_CONTENT: content,
      EVERTOKEN_WORDPRESS_URL: `http://${address}`, EVERTOKEN_WORDPRESS_FEED: feed };
    server = await start("php", ["-S", address, "-t", root, join(tests, "router.php")], env, /Development Server .* started/);
  }
  assert.ok(server, "PHP does not start");
  const url = env.EVERTOKEN_WORDPRESS_URL;

  const command = async (...words) => {
    const php = ["-d", "display_errors=0", "-d", "log_errors=0", join(tests, "command.php"), root, ...words];
    const { stdout } = await promisify(execFile)("php", php, { env });
    return JSON.parse(stdout);
  };
  const stop = async () => {
    for (const child of [server, database]) {
      const ended = once(child, "exit");
      if (child.kill()) await ended;
    }
    const log = (() => { try { return readFileSync(join(content, "debug.log"), "utf8"); } catch { return ""; } })();
    rmSync(folder, { recursive: true, force: true });
    return log.split("\n").filter((line) => line.includes("evertoken"));
  };
  try {
    assert.equal(await command("activate"), null);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, command, stop };
}

// A host whose answer the test sets: { status, type, content, location }, or "hang".
export async function fragmentHost(pictures) {
  const host = { requests: [], answer: undefined };
  const server = createServer((request, response) => {
    const picture = pictures.find(({ number, width, type }) => request.url === `/img/my-shop/${number}-${width}.${type}`);
    if (picture) return response.writeHead(200, { "content-type": `image/${picture.type}` }).end(picture.content);
    host.requests.push(request.url);
    if (host.answer === "hang") return undefined;
    const { status = 200, type = "text/html; charset=utf-8", content = "", location } = host.answer;
    return response.writeHead(status, { "content-type": type, ...(location && { location }) }).end(content);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  host.origin = `http://127.0.0.1:${server.address().port}`;
  host.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return host;
}
