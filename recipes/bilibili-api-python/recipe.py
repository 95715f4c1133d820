"""Reads and changes relations as the examples of bilibili-api-python do, and compares them with the demo's community."""

import asyncio
import os

import httpx
from bilibili_api import Credential, user
from bilibili_api.exceptions import ResponseCodeException

ME, OTHER, UPLOADER, UNKNOWN = 293793435, 50995243, 524144317, 9_000_000_000_000_000


def log_in(mid):
    """Returns the credential of a member, from the control API of the emulator."""
    token = {"Authorization": f"Bearer {os.environ['GUANXI_EMULATOR_TOKEN']}"}
    url = f"{os.environ['GUANXI_EMULATOR']}/emulator/session"
    response = httpx.post(url, headers=token, json={"mid": mid}).raise_for_status()
    cookies = response.json()["data"]["cookies"]
    # Without a buvid4 the library first asks for one, at a path that guanxi does not have.
    return Credential(
        sessdata=cookies["SESSDATA"],
        bili_jct=cookies["bili_jct"],
        dedeuserid=cookies["DedeUserID"],
        buvid3=cookies["buvid3"],
        buvid4="any",
    )


async def main():
    me = log_in(ME)
    other = user.User(OTHER, me)
    before = await other.get_relation_info()
    assert before["mid"] == OTHER, before
    assert (await user.User(UPLOADER, me).get_up_stat())["likes"] == 2106947
    followings = await user.User(ME, me).get_followings(pn=1, ps=5)
    assert len(followings["list"]) == 5 and followings["total"] > 600, followings["total"]
    log = await user.get_self_login_log(me)
    assert log["count"] == len(log["list"]), log
    try:
        await user.User(UNKNOWN, me).get_up_stat()
        raise AssertionError("an unknown member was found")
    except ResponseCodeException as error:
        assert error.code == -404, error

    await other.modify_relation(user.RelationType.SUBSCRIBE)
    assert (await other.get_relation_info())["follower"] == before["follower"] + 1
    assert (await other.get_followers(ps=1))["list"][0]["mid"] == ME
    group = (await user.create_subscribe_group("朋友", me))["tagid"]
    await user.rename_subscribe_group(group, "好朋友", me)
    await user.set_subscribe_group([OTHER], [group], me)
    await user.delete_subscribe_group(group, me)
    await other.modify_relation(user.RelationType.UNSUBSCRIBE)
    assert await other.get_relation_info() == before

    await other.modify_relation(user.RelationType.BLOCK)
    assert OTHER in [member["mid"] for member in (await user.get_self_black_list(me))["list"]]
    await other.modify_relation(user.RelationType.UNBLOCK)


asyncio.run(main())
