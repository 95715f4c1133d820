import pytest
from relations import Rejected, Relations

OTHER = 50995243
DAY = 24 * 60 * 60


# The second run passes only if the community was restored.
@pytest.mark.parametrize("run", [1, 2])
def test_follow_adds_a_follower(session, run):
    relations = Relations(session)
    assert relations.follower_count(OTHER) == 713
    relations.follow(OTHER)
    assert relations.follower_count(OTHER) == 714


def test_failed_request_is_repeated(emulator):
    emulator.post("/emulator/fault", path="/x/relation/stat", status=503, count=1)
    assert Relations().follower_count(OTHER) == 713
    requests = emulator.get("/emulator/requests", path="/x/relation/stat")["list"]
    assert [request["status"] for request in requests] == [503, 200]


def test_expired_session_is_reported(emulator, session):
    emulator.post("/emulator/clock", advance=400 * DAY)
    with pytest.raises(Rejected) as error:
        Relations(session).follow(OTHER)
    assert error.value.code == -101


def test_follow_sends_one_request(emulator, session):
    Relations(session).follow(OTHER)
    (request,) = emulator.get("/emulator/requests")["list"]
    assert (request["path"], request["mid"]) == ("/x/relation/modify", 293793435)
    assert f"fid={OTHER}&act=1" in request["body"]
