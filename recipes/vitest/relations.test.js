import { describe, expect } from "vitest";
import { test } from "./emulator.js";
import { follow, followerCount, Rejected } from "./relations.js";

const OTHER = 50995243;
const DAY = 24 * 60 * 60;

// The second run passes only if the community was restored.
describe.each([1, 2])("run %i", () => {
  test("follow adds a follower", async ({ session }) => {
    expect(await followerCount(OTHER)).toBe(713);
    await follow(session, OTHER);
    expect(await followerCount(OTHER)).toBe(714);
  });
});

test("failed request is repeated", async ({ emulator }) => {
  await emulator.post("/emulator/fault", { path: "/x/relation/stat", status: 503, count: 1 });
  expect(await followerCount(OTHER)).toBe(713);
  const { list } = await emulator.get("/emulator/requests", { path: "/x/relation/stat" });
  expect(list.map((request) => request.status)).toEqual([503, 200]);
});

test("expired session is reported", async ({ emulator, session }) => {
  await emulator.post("/emulator/clock", { advance: 400 * DAY });
  await expect(follow(session, OTHER)).rejects.toEqual(new Rejected(-101));
});

test("follow sends one request", async ({ emulator, session }) => {
  await follow(session, OTHER);
  const { list } = await emulator.get("/emulator/requests");
  expect(list).toMatchObject([{ path: "/x/relation/modify", mid: 293793435 }]);
  expect(list[0].body).toContain(`fid=${OTHER}&act=1`);
});
