"""A program under test: relations of members, at a fixed address."""

import requests

BASE = "https://api.bilibili.com"


class Rejected(Exception):
    """A request that the service rejected, with its code."""

    def __init__(self, code):
        super().__init__(f"rejected with code {code}")
        self.code = code


class Relations:
    def __init__(self, cookies=None):
        self.http = requests.Session()
        self.http.cookies.update(cookies or {})

    def follower_count(self, mid):
        """Returns the number of followers. Repeats a failed request once."""
        for _ in range(2):
            response = self.http.get(f"{BASE}/x/relation/stat", params={"vmid": mid})
            if response.status_code < 500:
                break
        return self._data(response)["follower"]

    def follow(self, mid):
        form = {"fid": mid, "act": 1, "csrf": self.http.cookies["bili_jct"]}
        self._data(self.http.post(f"{BASE}/x/relation/modify", data=form))

    def _data(self, response):
        response.raise_for_status()
        answer = response.json()
        if answer["code"] != 0:
            raise Rejected(answer["code"])
        return answer.get("data")
