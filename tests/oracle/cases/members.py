"""Members of a project, on the stand-in."""

SERVER = "stand-in"


def member(email, role, **user):
    return {
        "projectTeamPK": {"projectId": 119, "teamMember": email},
        "teamRole": role,
        "timestamp": "2025-01-02T03:04:05.000Z",
        "project": {"id": 119, "name": "demo", "owner": {"uid": 10000, "username": "meb10000"}},
        "user": {"uid": 10001, "username": email[:3] + "10000", "email": email, **user},
    }


ANN = member("ann@example.com", "Data owner", firstname="Ann", lastname="Lee", status=2)
BOB = member("Bob@example.com", "Observer", fname="Bob", lname="Jones")
DONE = {"successMessage": "One member added successfully"}
OWNER = (403, {"errorCode": 150014, "errorMsg": "Cannot change the role of the owner."})
ABSENT = (404, {"errorCode": 150023, "errorMsg": "The user is not a member of the project."})
FAILED = (400, {"errorCode": 150081, "errorMsg": "Failed to add member.", "usrMsg": "eve"})
ROUTES = {
    "GET project/119/projectMembers": [[ANN, BOB]],
    "POST project/119/projectMembers": [DONE, DONE, DONE, FAILED],
    "POST project/119/projectMembers/Bob@example.com": [DONE],
    "POST project/119/projectMembers/bob@example.com": [DONE],
    "POST project/119/projectMembers/ann@example.com": [OWNER],
    "DELETE project/119/projectMembers/Bob@example.com": [None],
    "DELETE project/119/projectMembers/bob@example.com": [None],
    "DELETE project/119/projectMembers/eve@example.com": [ABSENT],
}


def shown(one):
    user = one.user
    return [
        [one.email, one.first_name, one.last_name, one.username, one.role, one.project_id],
        [user.email, user.first_name, user.last_name, user.username, user.status, user.roles],
        [user.two_factor, user.max_num_projects, user.num_active_projects, user.tours_state],
        [user.num_remaining_projects, user.test_user, user.tos, user.user_account_type],
        [user.href, user.secret, user.chosen_password, user.repeated_password],
    ]


def run(project, step, config):
    import json

    from hopsworks.project_member import ProjectMember
    from hopsworks.user import User

    api = project.get_members_api()
    step("list", lambda: [shown(one) for one in api.get_members()])
    step("list of the project", lambda: [one.email for one in project.get_members()])
    step("add", lambda: shown(api.add_member("bob@example.com", "observer")))
    step("add by the project", lambda: project.add_member("ann@example.com", "DATA OWNER").role)
    step(
        "add some",
        lambda: sorted(
            one.email
            for one in api.add_members(
                {"ann@example.com": "Data owner", "bob@example.com": "observer"}
            )
        ),
    )
    step("add fails", lambda: api.add_member("eve@example.com", "Observer"), error="RestAPIError")
    step("no role", lambda: api.add_member("bob@example.com", "King"), error="ValueError")
    step("role", lambda: api.update_role("bob@example.com", "data scientist").email)
    step(
        "role of the owner",
        lambda: api.update_role("ann@example.com", "Observer"),
        error="RestAPIError",
    )
    step("another role", lambda: api.update_role("bob@example.com", "King"), error="ValueError")
    step("remove", lambda: api.remove_member("bob@example.com"))
    step("remove all", lambda: api.remove_member("bob@example.com", True, "ann@example.com"))
    step("remove by the project", lambda: project.remove_member("bob@example.com", True))
    step("remove a stranger", lambda: api.remove_member("eve@example.com"), error="RestAPIError")
    bob = api.get_members()[1]
    # The official client lists the members once more there.
    step(
        "role by the member",
        lambda: [bob.update_role("Data scientist").email, len(api.get_members())],
    )
    step("remove by the member", lambda: bob.remove(new_file_owner="ann@example.com"))

    read = ProjectMember.from_response_json
    step("read", lambda: [shown(one) for one in read([ANN])])
    step("read a collection", lambda: [one.role for one in read({"count": 1, "items": [BOB]})])
    step("dict", lambda: read([ANN])[0].to_dict())
    step("text", lambda: json.loads(read([ANN])[0].json()))
    user = User.from_response_json({**ANN["user"], "role": [{"groupName": "HOPS_USER"}]})
    step("user", lambda: [user.email, user.roles, user.to_dict(), json.loads(user.json())])
    step("no user", lambda: User.from_response_json(None))
