"""Users of the cluster, by an administrator, on the stand-in. Passwords that are shown differ on purpose."""

SERVER = "stand-in"
BOB = {
    "href": "x",
    "id": 10001,
    "firstname": "Bob",
    "lastname": "Jones",
    "email": "bob@example.com",
    "username": "bob10000",
    "accountType": "M_ACCOUNT_TYPE",
    "twoFactor": False,
    "toursState": 0,
    "status": 1,
    "maxNumProjects": 10,
    "numActiveProjects": 1,
    "activated": "2025-01-02T03:04:05.000Z",
    "role": [{"groupName": "HOPS_USER", "groupDesc": "User", "gid": 1}],
}
EVE = {
    **BOB,
    "id": 10002,
    "email": "eve@example.com",
    "lastVisitedAt": "2025-02-03T04:05:06.000Z",
    "remoteUserGroups": ["staff"],
}
MISSING = (404, {"errorCode": 160002, "errorMsg": "No account found."})
FORBIDDEN = (403, {"errorCode": 200014, "errorMsg": "Requires admin privileges."})
ROUTES = {
    "GET admin/users": [{"count": 2, "items": [BOB, EVE]}, [BOB], {"count": 1, "items": [EVE]}],
    "GET admin/users/10001": [BOB],
    "GET admin/users/9": [MISSING, FORBIDDEN],
    "POST admin/users": [(201, {**BOB, "password": "made-up"}), (201, BOB), FORBIDDEN],
    "PUT admin/users/10001": [{**BOB, "maxNumProjects": 3}],
    "PUT admin/users/10001/role": [{**BOB, "role": [{"groupName": "HOPS_ADMIN"}]}],
    "PUT admin/users/10001/accepted": [{**BOB, "status": 2}],
    "PUT admin/users/10001/rejected": [{**BOB, "status": 6}],
    "PUT admin/users/10001/pending": [{**BOB, "status": 0}],
    "DELETE admin/users/10001": [None],
    "DELETE admin/users/9": [MISSING],
}


def shown(user):
    return [
        [user.id, user.email, user.first_name, user.last_name, user.username],
        [user.account_type, user.two_factor, user.tours_state, user.status],
        [user.max_num_projects, user.num_active_projects, user.activated],
        [user.last_visited_at, user.roles, user.remote_user_groups, user.password],
    ]


def run(project, step, config):
    import json

    import hopsworks
    from hopsworks.user import AdminUser

    api = hopsworks.get_users_api()
    step("list", lambda: [shown(user) for user in api.get_users()])
    step("list of an array", lambda: [shown(user) for user in api.get_users()])
    step("by address", lambda: shown(api.get_user_by_email("eve@example.com")))
    step("no such address", lambda: api.get_user_by_email("nobody@example.com"))
    step("get", lambda: shown(api.get_user(10001)))
    step("missing", lambda: api.get_user(9))
    step("not allowed", lambda: api.get_user(9), error="RestAPIError")
    step("register", lambda: shown(api.register_user("bob@example.com", "Bob", "Jones")))
    step(
        "register with all",
        lambda: shown(
            api.register_user(
                "bob@example.com", "Bob", "Jones", "s3cr3t", 5, "hops_admin", "ACTIVATED_ACCOUNT"
            )
        ),
    )
    step(
        "register refused",
        lambda: api.register_user("bob@example.com", "Bob", "Jones"),
        error="RestAPIError",
    )
    step("no role", lambda: api.register_user("a@b.c", "A", "B", role="X"), error="ValueError")
    step("no status", lambda: api.register_user("a@b.c", "A", "B", status="X"), error="ValueError")
    step("set role", lambda: shown(api.set_role(10001, "HOPS_ADMIN")))
    step("set no role", lambda: api.set_role(10001, "X"), error="ValueError")
    step("update", lambda: shown(api.update_user(10001, 3)))
    step("activate", lambda: shown(api.activate_user(10001)))
    step("reject", lambda: shown(api.reject_user(10001)))
    step("resend", lambda: shown(api.resend_confirmation_email(10001)))
    step("delete", lambda: api.delete_user(10001))
    step("delete missing", lambda: api.delete_user(9), error="RestAPIError")

    user = AdminUser.from_response_json(BOB)
    step("dict", lambda: user.to_dict())
    step("text", lambda: json.loads(user.json()))
    step("nothing", lambda: AdminUser.from_response_json(None))
    step("some", lambda: [shown(u) for u in AdminUser.from_response_json_list({"items": [BOB]})])
    step("none", lambda: AdminUser.from_response_json_list(None))
    step("made", lambda: shown(AdminUser(1, "e", "f", "l", "u", roles=["R"], password="p")))
