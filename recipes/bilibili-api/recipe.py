"""Reads and changes relations as the examples of bilibili-api do, and compares the answers with the demo's community."""

import os

import requests
from bilibili_api import exceptions, user
from bilibili_api.utils import Verify

ME, OTHER, UPLOADER, UNKNOWN = 293793435, 50995243, 524144317, 9_000_000_000_000_000


def log_in(mid):
    """Returns the cookies of a member, from the control API of the emulator."""
    token = {"Authorization": f"Bearer {os.environ['GUANXI_EMULATOR_TOKEN']}"}
    url = f"{os.environ['GUANXI_EMULATOR']}/emulator/session"
    response = requests.post(url, headers=token, json={"mid": mid})
    response.raise_for_status()
    return response.json()["data"]["cookies"]


def error_code(function, *arguments, **options):
    """Returns the code with which a call fails."""
    try:
        function(*arguments, **options)
    except exceptions.BilibiliException as error:
        return error.code
    raise AssertionError(f"{function.__name__} returned")


cookies = log_in(ME)
me = Verify(sessdata=cookies["SESSDATA"], csrf=cookies["bili_jct"])

info = user.get_user_info(ME)
assert (info["mid"], info["name"]) == (ME, "社会易姐QwQ"), info
assert user.get_up_info(UPLOADER, verify=me)["likes"] == 2106947
assert error_code(user.get_user_info, UNKNOWN) == -404

before = user.get_relation_info(OTHER)
followings = [member["mid"] for member in user.get_followings_g(ME, verify=me)]
assert user.get_relation_info(ME)["following"] == len(followings) == len(set(followings))
assert OTHER not in followings
assert len(user.get_followers_raw(OTHER, ps=5, verify=me)["list"]) == 5

user.set_subscribe(OTHER, True, verify=me)
assert user.get_relation_info(OTHER)["follower"] == before["follower"] + 1
assert user.get_followers_raw(OTHER, verify=me)["list"][0]["mid"] == ME

group = user.add_subscribe_group("朋友", verify=me)["tagid"]
user.rename_subscribe_group(group, "好朋友", verify=me)
user.move_user_subscribe_group(OTHER, [group], verify=me)
assert user.get_user_in_which_subscribe_groups(OTHER, verify=me) == {str(group): "好朋友"}
groups = {entry["tagid"]: (entry["name"], entry["count"]) for entry in user.get_self_subscribe_group(verify=me)}
assert groups[group] == ("好朋友", 1), groups
user.del_subscribe_group(group, verify=me)
assert user.get_user_in_which_subscribe_groups(OTHER, verify=me) == {"0": "默认分组"}

user.set_subscribe(OTHER, False, verify=me)
assert user.get_relation_info(OTHER) == before
user.set_black(OTHER, True, verify=me)
assert OTHER not in [member["mid"] for member in user.get_followers_raw(ME, ps=50, verify=me)["list"]]
user.set_black(OTHER, False, verify=me)
assert error_code(user.set_subscribe, OTHER, True, verify=Verify(me.sessdata, "wrong")) == -111
