// Reads a profile and counters as the examples of @ikenxuan/amagi do, and compares them with the demo's community.
import assert from "node:assert/strict";
import amagi from "@ikenxuan/amagi";

const [ME, OTHER, UPLOADER, UNKNOWN] = [293793435, 50995243, 524144317, 9_000_000_000_000_000];
const { GUANXI_EMULATOR: control, GUANXI_EMULATOR_TOKEN: token } = process.env;

/** Returns the value of the `Cookie` header of a member, from the control API of the emulator. */
async function logIn(mid) {
  const response = await fetch(`${control}/emulator/session`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ mid }),
  });
  assert.equal(response.status, 200);
  return (await response.json()).data.cookie;
}

const client = amagi({ cookies: { bilibili: await logIn(ME) } });

const profile = await client.getBilibiliData("用户主页数据", { host_mid: OTHER });
assert.ok(profile.success, profile.message);
const { card, follower } = profile.data.data;
assert.deepEqual([card.mid, card.name, follower], [String(OTHER), "岭南城北", card.fans]);

const works = await client.getBilibiliData("获取UP主总播放量", { host_mid: UPLOADER });
const { archive, article, likes } = works.data.data;
assert.deepEqual([archive.view, article.view, likes], [38420179, 18900, 2106947]);

const unknown = await client.getBilibiliData("用户主页数据", { host_mid: UNKNOWN });
assert.equal(unknown.success, false);
