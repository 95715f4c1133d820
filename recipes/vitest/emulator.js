// Fixtures for tests inside `guanxi emulator exec`. Each worker of Vitest has a community of its own.
import http from "node:http";
import { test as base } from "vitest";

const COMMUNITY = `worker-${process.env.VITEST_POOL_ID}`;
const { GUANXI_EMULATOR, GUANXI_EMULATOR_TOKEN, GUANXI_EMULATOR_PROXY } = process.env;

if (!GUANXI_EMULATOR) throw new Error("run the tests with: guanxi emulator exec -- npx vitest run");

// The user of the proxy's address selects the community of the program's requests.
for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"]) {
  process.env[name] = GUANXI_EMULATOR_PROXY.replace("://", `://${COMMUNITY}:x@`);
}
// `fetch` of Node.js has read the variables before. It can read them again from 24.14.
http.setGlobalProxyFromEnv?.();

/** Sends a request to the control API, for the community of the worker. */
async function send(path, options) {
  const headers = { authorization: `Bearer ${GUANXI_EMULATOR_TOKEN}`, "x-guanxi-community": COMMUNITY };
  const response = await fetch(GUANXI_EMULATOR + path, { ...options, headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()).data;
}

const emulator = {
  get: (path, query = {}) => send(`${path}?${new URLSearchParams(query)}`),
  post: (path, body = {}) => send(path, { method: "POST", body: JSON.stringify(body) }),
};

export const test = base.extend({
  /** The emulator, with the community as it was at the start. */
  emulator: [
    async ({}, use) => {
      await emulator.post("/emulator/restore", { name: "start" });
      await emulator.post("/emulator/requests/clear");
      await use(emulator);
    },
    { auto: true },
  ],
  /** The session of a member of the demo's community. */
  session: async ({ emulator }, use) => {
    await use(await emulator.post("/emulator/session", { mid: 293793435 }));
  },
});
