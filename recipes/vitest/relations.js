// A program under test: relations of members, at a fixed address.
import axios from "axios";

const BASE = "https://api.bilibili.com";

/** A request that the service rejected, with its code. */
export class Rejected extends Error {
  constructor(code) {
    super(`rejected with code ${code}`);
    this.code = code;
  }
}

function dataOf(response) {
  const { code, data } = response.data;
  if (code !== 0) throw new Rejected(code);
  return data;
}

/** Returns the number of followers. Repeats a failed request once. */
export async function followerCount(vmid) {
  const request = () => axios.get(`${BASE}/x/relation/stat`, { params: { vmid } });
  const response = await request().catch((error) => {
    if (error.response?.status >= 500) return request();
    throw error;
  });
  return dataOf(response).follower;
}

export async function follow(session, fid) {
  const form = new URLSearchParams({ fid, act: 1, csrf: session.cookies.bili_jct });
  dataOf(await axios.post(`${BASE}/x/relation/modify`, form, { headers: { cookie: session.cookie } }));
}
